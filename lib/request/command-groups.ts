import { Command } from './command.js'

/** The commands that bring the value of an item. */
export const STORING: ReadonlySet<Command> = new Set([
  Command.SET,
  Command.ADD,
  Command.REPLACE,
  Command.APPEND,
  Command.PREPEND,
])

/** The commands whose value is a password, or a part of a login. */
export const LOGGING_IN: ReadonlySet<Command> = new Set([
  Command.LOG_IN,
  Command.SASL_START,
  Command.SASL_STEP,
])

/** The commands that read or change one item. In requests of others the fields of the key are left over from earlier requests. */
export const ABOUT_ITEMS: ReadonlySet<Command> = new Set([
  ...STORING,
  Command.GET,
  Command.TOUCH,
  Command.GET_AND_TOUCH,
  Command.DELETE,
  Command.INCREMENT,
  Command.DECREMENT,
  Command.META_GET,
  Command.DESCRIBE,
])
