import { integer, kilobytes } from '../kinds/number-kinds.js'
import { orNone } from '../kinds/option-kinds.js'
import type { OptionTable } from './option-row.js'

/** Limits on time and buffers of connections and items. */
export interface ResourceOptions {
  /** Connections without requests for this long are closed; 0: never. */
  readonly idleTimeoutSeconds: number
  /** Items that live no longer than this are kept apart from the others and not evicted; null: there are none. */
  readonly temporaryTtlSeconds: number | null
  /** How many memories hold the items; null: as many as they need, each of at most `ITEM_MEMORY_MEGABYTES_MAX`. */
  readonly itemMemories: number | null
  /** The maximum for buffers of requests and replies; 0: only that of `connectionsMax`. */
  readonly readBufferMegabytes: number
  /** The maximum that waits for one watcher, in bytes. */
  readonly watcherBufferLength: number
  /** The maximum that one worker keeps for watchers, in bytes. */
  readonly workerBufferLength: number
}

/** The arena ends at 4 GiB, and so does each further memory; windows, counters and tables need some of it. */
export const ITEM_MEMORY_MEGABYTES_MAX = 3500
/** Each takes some 10 GiB of addresses, and systems have 128 TiB. */
export const ITEM_MEMORIES_MAX = 64

const BUFFER_KILOBYTES_MAX = 1024 * 1024
const READ_BUFFER_MEGABYTES_MAX = 3500

export const RESOURCE_OPTIONS: OptionTable<ResourceOptions> = {
  idleTimeoutSeconds: {
    extendedName: 'idle_timeout',
    kind: integer('a time', { min: 0, unit: 'seconds' }),
    default: 0,
    help: 'idle seconds after which a connection is closed; 0 is never',
    settings: ['idle_timeout'],
  },
  temporaryTtlSeconds: {
    extendedName: 'temporary_ttl',
    kind: orNone(integer('a time', { min: 0, unit: 'seconds' })),
    default: null,
    help: 'items that live no longer than this many seconds are not evicted',
    settings: ['temp_lru', 'temporary_ttl'],
    settingText(seconds, setting) {
      if (setting === 'temp_lru') return seconds === null ? 'no' : 'yes'
      return String(seconds ?? TEMPORARY_TTL_SHOWN)
    },
    isInert: true,
  },
  itemMemories: {
    extendedName: 'item_memories',
    kind: orNone(integer('a number of memories', { min: 1, max: ITEM_MEMORIES_MAX })),
    default: null,
    help: 'memories that hold the items (Node.js 22); without it one for each 3500 megabytes of -m',
  },
  readBufferMegabytes: {
    extendedName: 'read_buf_mem_limit',
    kind: integer('a limit of buffers', { min: 0, max: READ_BUFFER_MEGABYTES_MAX, unit: 'megabytes' }),
    default: 0,
    help: 'megabytes for buffers of requests and replies; 0: only the limit of the connections',
    settings: ['read_buf_mem_limit'],
    settingText: (megabytes) => String(megabytes * 1024 * 1024),
  },
  watcherBufferLength: {
    extendedName: 'watcher_logbuf_size',
    kind: kilobytes('a size of buffers', 1, BUFFER_KILOBYTES_MAX),
    default: 256 * 1024,
    help: 'kilobytes that may wait for one watcher',
    settings: ['watcher_logbuf_size'],
    settingText: String,
  },
  workerBufferLength: {
    extendedName: 'worker_logbuf_size',
    kind: kilobytes('a size of buffers', 1, BUFFER_KILOBYTES_MAX),
    default: 64 * 1024,
    help: 'kilobytes that one thread keeps for watchers',
    settings: ['worker_logbuf_size'],
    settingText: String,
  },
}

/** memcached's value if no items are kept apart. */
const TEMPORARY_TTL_SHOWN = 61
