import { Command } from './command.js'
import type { Request } from './request.js'
import { Trait } from './trait.js'

/**
 * True for a request that changes kept data: it may have to wait for a disk. The choice of the client that renews an item
 * is not kept.
 */
export const isChange = ({ command, traits }: Request): boolean =>
  CHANGES[command] || (traits & CHANGING_TRAITS) !== 0

/** True for a change that only removes items: what is kept of it is short. A flush is one, too. */
export const isRemoval = (request: Request): boolean =>
  isFlush(request) || (request.command === Command.DELETE && (request.traits & STORING_TRAITS) === 0)

export const isFlush = ({ command }: Request): boolean =>
  command === Command.FLUSH || command === Command.FLUSH_PREFIX

/** With these traits a delete leaves an item. */
const STORING_TRAITS = Trait.INVALIDATE | Trait.EMPTY

/** With these traits a get changes something, too. */
const CHANGING_TRAITS = Trait.TOUCH | Trait.VIVIFY

const CHANGES: Readonly<Record<Command, boolean>> = {
  [Command.GET]: false,
  [Command.TOUCH]: true,
  [Command.GET_AND_TOUCH]: true,
  [Command.SET]: true,
  [Command.ADD]: true,
  [Command.REPLACE]: true,
  [Command.APPEND]: true,
  [Command.PREPEND]: true,
  [Command.DELETE]: true,
  [Command.INCREMENT]: true,
  [Command.DECREMENT]: true,
  [Command.FLUSH]: true,
  [Command.NOOP]: false,
  [Command.VERSION]: false,
  [Command.STATS]: false,
  [Command.QUIT]: false,
  [Command.SASL_MECHANISMS]: false,
  [Command.SASL_START]: false,
  [Command.SASL_STEP]: false,
  [Command.UNKNOWN]: false,
  [Command.META_GET]: false,
  [Command.DESCRIBE]: false,
  [Command.LOG_IN]: false,
  [Command.LIST]: false,
  [Command.LIST_NEXT]: false,
  [Command.VERBOSITY]: false,
  [Command.LIMIT_MEMORY]: false,
  [Command.MOVE_CLOCK]: false,
  [Command.SHUT_DOWN]: false,
  [Command.REFRESH_CERTIFICATES]: false,
  [Command.WATCH]: false,
  [Command.META_WAIT]: false,
  [Command.FLUSH_PREFIX]: true,
}
