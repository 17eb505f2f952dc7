/**
 * The options of a server. The table below has a row for each option, and everything else is made from the rows: the
 * defaults and the checks (complete-options.ts), command line, environment and file (parse-options.ts), the help
 * (help.ts), the statistics about settings (settings.ts) and the table of the README (scripts/options-table.mjs). A new
 * option is a field of `ServerOptions` and a row.
 */
import type { ProtocolChoice } from '../../request/session.js'
import type { ListenAddress } from '../kinds/listen-address.js'
import { COUNTER, integer, PERMISSIONS, PORT, size } from '../kinds/number-kinds.js'
import {
  ADDRESSES,
  CHARACTER,
  choice,
  DESCRIPTORS,
  flag,
  orNone,
  PATH_LENGTH_MAX,
  TEXTS,
  text,
} from '../kinds/option-kinds.js'
import { ACCESS_OPTIONS, type AccessOptions } from './access-options.js'
import { ADMIN_OPTIONS, type AdminOptions } from './admin-options.js'
import { DATA_OPTIONS, type DataOptions } from './data-options.js'
import { GATEWAY_OPTIONS, type GatewayOptions } from './gateway-options.js'
import type { OptionRow } from './option-row.js'
import {
  ITEM_MEMORIES_MAX,
  ITEM_MEMORY_MEGABYTES_MAX,
  RESOURCE_OPTIONS,
  type ResourceOptions,
} from './resource-options.js'
import { TLS_OPTIONS, type TlsOptions } from './tls-options.js'

export type ProtocolName = ProtocolChoice

export interface ServerOptions
  extends AccessOptions,
    AdminOptions,
    DataOptions,
    GatewayOptions,
    ResourceOptions,
    TlsOptions {
  /** The TCP port: 0 for any free one, null for no TCP. If it is missing, `udpPort` is used for TCP as well. */
  readonly port: number | null
  /** The UDP port: 0 for any free one, null for no UDP. */
  readonly udpPort: number | null
  /** The unix socket to listen on. With it the server listens to nothing else: `port` and `udpPort` become null. */
  readonly socketPath: string | null
  /** Permissions of the unix socket, as the bits of a file. */
  readonly socketMask: number
  /** The addresses to listen on; an empty list means every interface. */
  readonly listen: readonly ListenAddress[]
  /** The file descriptors of sockets that listen already. With them the server listens to nothing else. */
  readonly inheritedSockets: readonly number[]
  /** The user to become once the server listens. Only root can become another user. */
  readonly user: string | null
  /** The file that holds the process id while the program runs. Servers inside another program do not write it. */
  readonly pidFile: string | null
  /** Memory for items and the index to them, in megabytes of 1024 * 1024 bytes. */
  readonly memoryMegabytes: number
  /** Whether items are evicted for newer ones when memory is full. Otherwise storing fails. */
  readonly evictions: boolean
  /**
   * The largest item in bytes, with its key and memcached's overhead of about 60 bytes; at most half of the memory,
   * which is also the default if that is less than a megabyte.
   */
  readonly itemSizeMax: number
  /** The maximum number of connections. */
  readonly connectionsMax: number
  /** Whether a connection beyond the maximum receives an error and is closed. Otherwise it waits until another one closes. */
  readonly maxconnsFast: boolean
  /**
   * Whether connections that are not encrypted are served by io_uring, where the system and this Node version allow it. With `null`
   * they are, except in a thread that a program has made, and nothing is logged where they are not.
   */
  readonly ioUring: boolean | null
  /** Whether the memory of items is to have large pages, where io_uring serves and the system has them. */
  readonly largePages: boolean
  /** How many threads serve requests. */
  readonly workers: number
  /** How many requests of one connection are answered before other connections are served. */
  readonly requestsPerEvent: number
  /** How many connections the kernel queues until the server accepts them. */
  readonly backlog: number
  /** The accepted protocol; with `auto` the first byte of each connection decides. */
  readonly protocol: ProtocolName
  /** Whether items have a cas, the number that shows whether they have changed. */
  readonly casEnabled: boolean
  /** The character that ends the prefix of a key, for the statistics per prefix. */
  readonly prefixDelimiter: string
  /** Whether statistics are kept per prefix from the start. Setting `prefixDelimiter` turns it on. */
  readonly detailEnabled: boolean
  /**
   * How much is logged on standard error: 0 for very little, 1 for where the server listens, 2 for connections that are opened
   * and closed, and 3 for the value of each option as well.
   */
  readonly verbosity: number
  /** What `stats settings` shows of memcached's options that have no meaning here, instead of memcached's defaults. */
  readonly inertSettings: Readonly<Record<string, string>>
}

export type OptionName = keyof ServerOptions

export const MEGABYTE = 1024 * 1024
const GIGABYTE = 1024 * MEGABYTE

export const MEMORY_MEGABYTES_MAX = ITEM_MEMORIES_MAX * ITEM_MEMORY_MEGABYTES_MAX
/** Linux lets a process open no more files, unless fs.nr_open is raised. Each connection takes memory beside the items. */
const CONNECTION_COUNT_MAX = 2 ** 20
const WORKERS_MAX = 1024
/** The longest path in a sockaddr_un of Linux, less the NUL byte. */
const SOCKET_PATH_LENGTH_MAX = 107
const USER_LENGTH_MAX = 255

export const OPTIONS: { readonly [Name in OptionName]: OptionRow<ServerOptions[Name]> } = {
  port: {
    letter: 'p',
    longName: 'port',
    kind: PORT,
    default: 11211,
    help: 'TCP port to listen on; 0 is none, -1 any free one',
  },
  udpPort: {
    letter: 'U',
    longName: 'udp-port',
    kind: PORT,
    default: null,
    help: 'UDP port; 0 is none, -1 any free one; without -p it is the TCP port too',
  },
  socketPath: {
    letter: 's',
    longName: 'unix-socket',
    kind: text('<file>', 'the path of a unix socket', SOCKET_PATH_LENGTH_MAX),
    default: null,
    help: 'unix socket to listen on, instead of the network',
    settings: ['domain_socket'],
  },
  socketMask: {
    letter: 'a',
    longName: 'unix-mask',
    kind: PERMISSIONS,
    default: 0o700,
    help: 'permissions of the unix socket, in octal',
    settings: ['umask'],
  },
  listen: {
    letter: 'l',
    longName: 'listen',
    kind: ADDRESSES,
    default: [],
    help: 'addresses to listen on: host, host:port or [IPv6 address]:port, separated by commas (default: every interface)',
    settings: ['inter'],
  },
  inheritedSockets: {
    kind: DESCRIPTORS,
    default: [],
    help: 'sockets that already listen, instead of all others',
  },
  user: {
    letter: 'u',
    longName: 'user',
    kind: text('<user>', 'a user', USER_LENGTH_MAX),
    default: null,
    help: 'user to become (only when run as root)',
  },
  pidFile: {
    letter: 'P',
    longName: 'pidfile',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'file that holds the process id while the server runs',
  },
  memoryMegabytes: {
    letter: 'm',
    longName: 'memory-limit',
    kind: integer('a memory limit', { min: 1, max: MEMORY_MEGABYTES_MAX, unit: 'megabytes' }),
    default: 64,
    help: 'memory for items, in megabytes',
  },
  evictions: {
    letter: 'M',
    longName: 'disable-evictions',
    kind: flag(false),
    default: true,
    help: 'refuse items when memory is full, instead of evicting',
    settings: ['evictions'],
    settingText: (isOn) => (isOn ? 'on' : 'off'),
  },
  itemSizeMax: {
    letter: 'I',
    longName: 'max-item-size',
    kind: size('an item size', 1024, GIGABYTE),
    default: MEGABYTE,
    help: 'largest item, in bytes or with k, m or g; at most half of -m',
    settings: ['item_size_max'],
    settingText: String,
  },
  connectionsMax: {
    letter: 'c',
    longName: 'conn-limit',
    kind: integer('a number of connections', { min: 1, max: CONNECTION_COUNT_MAX }),
    default: 1024,
    help: 'maximum number of connections',
    settings: ['maxconns'],
  },
  maxconnsFast: {
    extendedName: 'maxconns_fast',
    kind: flag(true),
    default: true,
    help: 'close connections beyond -c at once (this is the default); with no_ before it, they wait',
    settings: ['maxconns_fast'],
  },
  ioUring: {
    extendedName: 'io_uring',
    kind: { ...orNone(flag(true)), wanted: 'true, false or null' },
    default: null,
    help: 'serve connections by io_uring, or say why it cannot (default: where Linux 6.1 and Node.js 26, or koffi, let it); no_io_uring turns it off',
  },
  largePages: {
    letter: 'L',
    longName: 'enable-largepages',
    kind: flag(true),
    default: false,
    help: 'ask for large pages of memory; only where io_uring serves',
  },
  workers: {
    letter: 't',
    longName: 'threads',
    kind: integer('a number of threads', { min: 1, max: WORKERS_MAX }),
    default: 4,
    help: 'threads that serve requests; no more run than the machine has cores',
    settings: ['num_threads', 'num_threads_per_udp'],
  },
  requestsPerEvent: {
    letter: 'R',
    longName: 'max-reqs-per-event',
    kind: integer('a number of requests', { min: 1 }),
    default: 20,
    help: 'requests of one connection before others are served',
    settings: ['reqs_per_event'],
  },
  backlog: {
    letter: 'b',
    longName: 'listen-backlog',
    kind: integer('a number of waiting connections', { min: 1 }),
    default: 1024,
    help: 'connections that may wait to be accepted',
    settings: ['tcp_backlog'],
  },
  protocol: {
    letter: 'B',
    longName: 'protocol',
    kind: choice('a protocol', 'auto', 'ascii', 'binary'),
    default: 'auto',
    help: 'accepted protocol: auto, ascii or binary; with auto the first byte of each connection decides',
    settings: ['binding_protocol'],
    settingText: (name) => (name === 'auto' ? 'auto-negotiate' : name),
  },
  casEnabled: {
    letter: 'C',
    longName: 'disable-cas',
    kind: flag(false),
    default: true,
    help: 'store items without a cas',
    settings: ['cas_enabled'],
  },
  ...ACCESS_OPTIONS,
  ...ADMIN_OPTIONS,
  ...DATA_OPTIONS,
  ...GATEWAY_OPTIONS,
  ...RESOURCE_OPTIONS,
  ...TLS_OPTIONS,
  prefixDelimiter: {
    letter: 'D',
    longName: 'prefix-delimiter',
    kind: CHARACTER,
    default: ':',
    help: 'character that ends the prefix of a key; turns on statistics per prefix',
    settings: ['stat_key_prefix'],
  },
  detailEnabled: {
    kind: flag(true),
    default: false,
    help: 'keep statistics per prefix of a key from the start',
    settings: ['detail_enabled'],
  },
  verbosity: {
    letter: 'v',
    longName: 'verbose',
    kind: COUNTER,
    default: 0,
    help: 'print on standard error where the server listens; -vv: connections that open and close; -vvv: the options',
  },
  inertSettings: {
    kind: TEXTS,
    default: {},
    help: 'options without effect, as stats settings shows them',
  },
}

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[]
