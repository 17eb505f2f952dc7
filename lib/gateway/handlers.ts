import { Command } from '../request/command.js'
import type { GatewayHandler } from './gateway-call.js'
import { count, extend, remove, store } from './items/change-handlers.js'
import { describe, get, getAndTouch, metaGet, touch } from './items/read-handlers.js'
import { flush, flushPrefix } from './keys/flush-handler.js'
import { listNext } from './keys/list-handlers.js'

interface Row {
  readonly handler: GatewayHandler
  /** Nothing of the same connection runs meanwhile. */
  readonly isAlone: boolean
}

const one = (handler: GatewayHandler): Row => ({ handler, isAlone: false })
const alone = (handler: GatewayHandler): Row => ({ handler, isAlone: true })

/** The commands that need the engine. */
export const HANDLERS: Readonly<Partial<Record<Command, Row>>> = {
  [Command.GET]: one(get),
  [Command.TOUCH]: one(touch),
  [Command.GET_AND_TOUCH]: one(getAndTouch),
  [Command.META_GET]: one(metaGet),
  [Command.DESCRIBE]: one(describe),
  [Command.SET]: one(store),
  [Command.ADD]: one(store),
  [Command.REPLACE]: one(store),
  [Command.APPEND]: one(extend),
  [Command.PREPEND]: one(extend),
  [Command.DELETE]: one(remove),
  [Command.INCREMENT]: one(count),
  [Command.DECREMENT]: one(count),
  [Command.FLUSH]: alone(flush),
  [Command.FLUSH_PREFIX]: alone(flushPrefix),
  [Command.LIST_NEXT]: alone(listNext),
}

export const isForEngine = (command: Command): boolean => HANDLERS[command] !== undefined
