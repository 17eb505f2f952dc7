import type { OptionSpelling } from './options.js'

/** What the command line takes beside the rows of options.ts. */
export interface OtherOption extends OptionSpelling {
  /** Stands for the argument in the help; undefined for an option that takes none. */
  readonly argument?: string
  readonly effect: Effect
  /** Only what has an effect is in the help. */
  readonly help?: string
}

export type Effect =
  /** The program prints what is asked for, and ends. */
  | 'help'
  | 'version'
  | 'license'
  /** The argument is a list of further options. */
  | 'extended'
  /** memcached has it, and it means nothing here: taken, so that a command line made for memcached works. */
  | 'none'
  /** memcached has it, and people who ask for it must not believe that they have it here: refused. */
  | 'refused'

export const OTHER_OPTIONS: readonly OtherOption[] = [
  { letter: 'h', longName: 'help', effect: 'help', help: 'print this help and exit' },
  { letter: 'i', longName: 'license', effect: 'license', help: 'print the license and exit' },
  { letter: 'V', longName: 'version', effect: 'version', help: 'print the version and exit' },
  {
    letter: 'o',
    longName: 'extended',
    argument: '<list>',
    effect: 'extended',
    help: 'further options, with commas between them:',
  },

  { letter: 'f', longName: 'slab-growth-factor', argument: '<num>', effect: 'none' },
  { letter: 'k', longName: 'lock-memory', effect: 'none' },
  { letter: 'L', longName: 'enable-largepages', effect: 'none' },
  { letter: 'n', longName: 'slab-min-size', argument: '<num>', effect: 'none' },
  { letter: 'r', longName: 'enable-coredumps', effect: 'none' },

  { letter: 'A', longName: 'enable-shutdown', effect: 'refused' },
  { letter: 'd', longName: 'daemon', effect: 'refused' },
  { letter: 'N', longName: 'napi_ids', argument: '<num>', effect: 'refused' },
  { letter: 'W', longName: 'disable-watch', effect: 'refused' },
  { letter: 'X', longName: 'disable-dumping', effect: 'refused' },
  { letter: 'Y', longName: 'auth-file', argument: '<file>', effect: 'refused' },
  { letter: 'Z', longName: 'enable-ssl', effect: 'refused' },
]

/** Names in the lists of `-o` that are not rows of options.ts. */
export interface ExtendedOption {
  readonly effect: 'none' | 'refused'
  /** Whether a value stands behind the name, after an equals sign. */
  readonly value: 'none' | 'optional' | 'required'
}

/** They tune slabs, LRU threads, the hash table and buffers, none of which are here as memcached has them. */
const WITHOUT_EFFECT = {
  none: [
    'inline_ascii_resp',
    'lru_crawler',
    'lru_maintainer',
    'modern',
    'no_chunked_items',
    'no_drop_privileges',
    'no_hashexpand',
    'no_inline_ascii_resp',
    'no_lru_crawler',
    'no_lru_maintainer',
    'no_modern',
    'no_slab_automove',
    'no_slab_reassign',
    'relaxed_privileges',
    'slab_reassign',
    'track_sizes',
  ],
  optional: ['slab_automove'],
  required: [
    'hash_algorithm',
    'hashpower',
    'hot_lru_pct',
    'hot_max_factor',
    'lru_crawler_sleep',
    'lru_crawler_tocrawl',
    'read_buf_mem_limit',
    'resp_obj_mem_limit',
    'slab_automove_freeratio',
    'slab_automove_ratio',
    'slab_automove_window',
    'slab_chunk_max',
    'slab_sizes',
    'tail_repair_time',
    'temporary_ttl',
    'warm_lru_pct',
    'warm_max_factor',
    'watcher_logbuf_size',
    'worker_logbuf_size',
  ],
} as const

/** They ask for something that a client, or the one who starts the server, would miss. */
const REFUSED = ['drop_privileges', 'idle_timeout', 'meta_response_old', 'sock_cookie_id']
const REFUSED_FAMILIES = ['ext_', 'proxy_', 'ssl_']

export function findExtendedOption(name: string): ExtendedOption | undefined {
  const isRefused = REFUSED.includes(name) || REFUSED_FAMILIES.some((family) => name.startsWith(family))
  return isRefused ? { effect: 'refused', value: 'optional' } : TAKEN.get(name)
}

const TAKEN: ReadonlyMap<string, ExtendedOption> = new Map(
  (['none', 'optional', 'required'] as const).flatMap((value) =>
    WITHOUT_EFFECT[value].map((name) => [name, { effect: 'none', value }] as const),
  ),
)
