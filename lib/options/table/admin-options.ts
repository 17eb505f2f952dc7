import { ENDPOINT, flag, PATH_LENGTH_MAX, text } from '../kinds/option-kinds.js'
import type { OptionTable } from './option-row.js'

/** The admin listener: HTTP for metrics, items and scripts. */
export interface AdminOptions {
  /** Where it listens, as `host:port` or `[IPv6 address]:port`; port 0 is any free one. Null: there is none. */
  readonly admin: string | null
  /** The file with the token that its clients have to send. Required unless it listens on a loopback address only. */
  readonly adminTokenFile: string | null
  /** Whether its clients may change items. */
  readonly adminWrite: boolean
}

export const ADMIN_OPTIONS: OptionTable<AdminOptions> = {
  admin: {
    longName: 'admin',
    kind: ENDPOINT,
    default: null,
    help: 'listen here for HTTP: metrics, statistics, items; host:port or [IPv6 address]:port',
  },
  adminTokenFile: {
    longName: 'admin-token',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'file with the token that clients of --admin must send; required beyond loopback',
  },
  adminWrite: {
    longName: 'admin-write',
    kind: flag(true),
    default: false,
    help: 'let clients of --admin change items; needs --admin-token',
  },
}
