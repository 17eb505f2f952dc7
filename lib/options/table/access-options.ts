import { flag, PATH_LENGTH_MAX, text } from '../kinds/option-kinds.js'
import type { OptionTable } from './option-row.js'

/** Logins, and which commands clients may use. */
export interface AccessOptions {
  /** Whether clients have to log in by SASL, which only the binary protocol has. */
  readonly saslEnabled: boolean
  /** The file of users for logins by the text protocol, a `name:password` in each line. Without it there are no logins. */
  readonly loginFile: string | null
  /** Whether clients may flush all items. */
  readonly flushEnabled: boolean
  /** Whether clients may list keys. */
  readonly dumpEnabled: boolean
  /** Whether clients may watch what other clients do. */
  readonly watchEnabled: boolean
  /** Whether clients may stop the server. */
  readonly shutdownEnabled: boolean
  /** Whether clients may move the server's clock by the debugtime command. It expires items early, so it is for tests only. */
  readonly debugTime: boolean
}

export const ACCESS_OPTIONS: OptionTable<AccessOptions> = {
  saslEnabled: {
    letter: 'S',
    longName: 'enable-sasl',
    kind: flag(true),
    default: false,
    help: 'require a login by SASL; the binary protocol only',
    settings: ['auth_enabled_sasl'],
  },
  loginFile: {
    letter: 'Y',
    longName: 'auth-file',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'require a login by the text protocol; the file has a name:password in each line',
    settings: ['auth_enabled_ascii'],
    settingText: (path) => path ?? 'no',
  },
  flushEnabled: {
    letter: 'F',
    longName: 'disable-flush-all',
    kind: flag(false),
    default: true,
    help: 'refuse the flush_all command',
    settings: ['flush_enabled'],
  },
  dumpEnabled: {
    letter: 'X',
    longName: 'disable-dumping',
    kind: flag(false),
    default: true,
    help: 'refuse the commands that list keys: stats cachedump, lru_crawler metadump and mgdump',
    settings: ['dump_enabled'],
  },
  watchEnabled: {
    letter: 'W',
    longName: 'disable-watch',
    kind: flag(false),
    default: true,
    help: 'refuse the watch command',
  },
  shutdownEnabled: {
    letter: 'A',
    longName: 'enable-shutdown',
    kind: flag(true),
    default: false,
    help: 'allow the shutdown command',
    settings: ['shutdown_command'],
  },
  debugTime: {
    environmentName: 'debug-time',
    kind: flag(true),
    default: false,
    help: 'allow the debugtime command, which moves the clock; for tests only',
  },
}
