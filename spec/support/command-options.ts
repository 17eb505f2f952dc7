import type { CommandOptions } from '../../lib/commands/context/context.js'

/** The options of commands without a server: everything is allowed except ending it and moving its clock. */
export const COMMAND_OPTIONS: CommandOptions = {
  itemSizeMax: 1024 * 1024,
  casEnabled: true,
  flushEnabled: true,
  prefixDelimiter: ':',
  detailEnabled: false,
  dumpEnabled: true,
  shutdownEnabled: false,
  debugTime: false,
  idleTimeoutSeconds: 0,
  sslEnabled: false,
  sslSessionCache: false,
}
