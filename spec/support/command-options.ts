import type { CommandOptions } from '../../lib/commands/context/context.js'

/** What commands are told where no server has options: everything is allowed but to end it and to move its clock. */
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
