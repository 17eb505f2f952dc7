import { Command } from '../request/command.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { limitMemory, moveClock, refreshCertificates, shutDown, verbosity } from './administration.js'
import { flush, flushPrefix } from './all-items/flush.js'
import { list, listNext } from './all-items/list.js'
import type { Context } from './context/context.js'
import { append, prepend } from './items/append.js'
import { decrement, increment } from './items/counter.js'
import { describe } from './items/describe.js'
import { get } from './items/get.js'
import { metaGet } from './items/meta-get.js'
import { metaWait } from './items/meta-wait.js'
import { remove } from './items/remove.js'
import { add, replace, set } from './items/set.js'
import { getAndTouch, touch } from './items/touch.js'
import { logIn, noop, quit, saslMechanisms, saslStart, saslStep, unknown, version } from './session.js'
import { statistics } from './stats/statistics.js'
import { watch } from './watch.js'

/** Runs one request. The reply has been reset: its status is OK. */
export type Handler = (context: Context, request: Request, reply: Reply) => void

/** The function of each command, for every protocol. */
export const COMMANDS: Readonly<Record<Command, Handler>> = {
  [Command.GET]: get,
  [Command.TOUCH]: touch,
  [Command.GET_AND_TOUCH]: getAndTouch,
  [Command.SET]: set,
  [Command.ADD]: add,
  [Command.REPLACE]: replace,
  [Command.APPEND]: append,
  [Command.PREPEND]: prepend,
  [Command.DELETE]: remove,
  [Command.INCREMENT]: increment,
  [Command.DECREMENT]: decrement,
  [Command.FLUSH]: flush,
  [Command.FLUSH_PREFIX]: flushPrefix,
  [Command.NOOP]: noop,
  [Command.VERSION]: version,
  [Command.STATS]: statistics,
  [Command.QUIT]: quit,
  [Command.SASL_MECHANISMS]: saslMechanisms,
  [Command.SASL_START]: saslStart,
  [Command.SASL_STEP]: saslStep,
  [Command.UNKNOWN]: unknown,
  [Command.META_GET]: metaGet,
  [Command.DESCRIBE]: describe,
  [Command.LOG_IN]: logIn,
  [Command.LIST]: list,
  [Command.LIST_NEXT]: listNext,
  [Command.VERBOSITY]: verbosity,
  [Command.LIMIT_MEMORY]: limitMemory,
  [Command.MOVE_CLOCK]: moveClock,
  [Command.SHUT_DOWN]: shutDown,
  [Command.REFRESH_CERTIFICATES]: refreshCertificates,
  [Command.WATCH]: watch,
  [Command.META_WAIT]: metaWait,
}
