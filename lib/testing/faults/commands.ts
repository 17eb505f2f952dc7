import { Command } from '../../request/command.js'
import { ABOUT_ITEMS, STORING } from '../../request/command-groups.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'

/** The name of each command in faults and in the log, for every protocol. Null: a part of another request. */
const NAMES = {
  [Command.GET]: 'get',
  [Command.TOUCH]: 'touch',
  [Command.GET_AND_TOUCH]: 'gat',
  [Command.SET]: 'set',
  [Command.ADD]: 'add',
  [Command.REPLACE]: 'replace',
  [Command.APPEND]: 'append',
  [Command.PREPEND]: 'prepend',
  [Command.DELETE]: 'delete',
  [Command.INCREMENT]: 'incr',
  [Command.DECREMENT]: 'decr',
  [Command.FLUSH]: 'flush_all',
  [Command.NOOP]: 'noop',
  [Command.VERSION]: 'version',
  [Command.STATS]: 'stats',
  [Command.QUIT]: 'quit',
  [Command.SASL_MECHANISMS]: 'sasl_list',
  [Command.SASL_START]: 'sasl_auth',
  [Command.SASL_STEP]: 'sasl_step',
  [Command.UNKNOWN]: 'unknown',
  [Command.META_GET]: 'get',
  [Command.DESCRIBE]: 'describe',
  [Command.LOG_IN]: 'login',
  [Command.LIST]: 'list',
  [Command.LIST_NEXT]: null,
  [Command.VERBOSITY]: 'verbosity',
  [Command.LIMIT_MEMORY]: 'cache_memlimit',
  [Command.MOVE_CLOCK]: 'debugtime',
  [Command.SHUT_DOWN]: 'shutdown',
  [Command.REFRESH_CERTIFICATES]: 'refresh_certs',
  [Command.WATCH]: 'watch',
  [Command.META_WAIT]: 'wait',
  [Command.FLUSH_PREFIX]: 'flush_prefix',
} as const satisfies Readonly<Record<Command, string | null>>

/** The name of a command: `cas` is a set that names the cas of its item. */
export type CommandName = NonNullable<(typeof NAMES)[Command]> | 'cas'

export const COMMAND_NAMES: readonly CommandName[] = [
  ...new Set(Object.values(NAMES).filter((name) => name !== null)),
  'cas',
]

export function commandNameOf(request: Request): CommandName | null {
  const isCas = request.command === Command.SET && (request.traits & Trait.NAMES_CAS) !== 0
  return isCas ? 'cas' : NAMES[request.command]
}

/** Whether its requests name one key: in others the fields of the key are left over. */
export const hasKey = (command: Command): boolean => ABOUT_ITEMS.has(command) || command === Command.META_WAIT

/** The names of the commands whose requests name one key. */
export const WITH_KEY: ReadonlySet<string> = new Set([
  ...Object.entries(NAMES).flatMap(([command, name]) =>
    hasKey(Number(command) as Command) ? (name ?? []) : [],
  ),
  'cas',
])

/** Whether its requests carry a value. */
export const hasValue = (command: Command): boolean => STORING.has(command)
