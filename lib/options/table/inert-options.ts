/**
 * Options of memcached that have no meaning here: they tune its slabs, LRU threads and hash table, or need something of
 * the system that a program on Node.js cannot request. They are accepted, so that command lines made for memcached
 * work, and `stats settings` shows what was given.
 */

import type { OptionKind } from '../kinds/kind.js'
import { fraction, integer, kilobytes } from '../kinds/number-kinds.js'
import { choice, flag, text } from '../kinds/option-kinds.js'
import type { OptionSpelling } from './option-row.js'

interface InertRow<Value> {
  readonly kind: OptionKind<Value>
  /** The value if the name stands alone; undefined if a value has to follow. */
  readonly alone?: string
  readonly settings?: readonly string[]
  readonly settingText?: (value: Value) => string
}

export interface InertOption {
  /** The name of the argument in the help; undefined for an option without one. */
  readonly argument: string | undefined
  readonly wanted: string
  readonly alone: string | undefined
  /** The settings that a typed value changes; undefined if the value is invalid. */
  settingsFor(typed: string): readonly (readonly [setting: string, text: string])[] | undefined
}

function inert<Value>({ kind, alone, settings = [], settingText }: InertRow<Value>): InertOption {
  return {
    argument: kind.argument,
    wanted: kind.wanted,
    alone: kind.argument === undefined ? '' : alone,
    settingsFor(typed) {
      const value = kind.read(typed, undefined)
      if (value === undefined || !kind.accepts(value)) return undefined
      const shown = (settingText ?? kind.write)(value)
      return settings.map((setting) => [setting, shown])
    },
  }
}

const hundredths = (value: number) => value.toFixed(2)
const SWITCH = inert({ kind: flag(true) })

export const INERT_OPTIONS: readonly (OptionSpelling & { readonly inert: InertOption })[] = [
  {
    letter: 'f',
    longName: 'slab-growth-factor',
    inert: inert({
      kind: fraction('a growth factor', 1),
      settings: ['growth_factor'],
      settingText: hundredths,
    }),
  },
  { letter: 'k', longName: 'lock-memory', inert: SWITCH },
  {
    letter: 'n',
    longName: 'slab-min-size',
    inert: inert({ kind: integer('a size of chunks', { min: 1, unit: 'bytes' }), settings: ['chunk_size'] }),
  },
  { letter: 'r', longName: 'enable-coredumps', inert: SWITCH },
]

const PERCENT = { min: 1, max: 79, unit: 'percent' }

/** In the lists of `-o`. The switches among them have a `no_` form too. */
export const INERT_EXTENDED: Readonly<Record<string, InertOption>> = {
  chunked_items: SWITCH,
  hash_algorithm: inert({
    kind: choice('a hash', 'jenkins', 'murmur3', 'xxh3'),
    settings: ['hash_algorithm'],
  }),
  hashexpand: SWITCH,
  hashpower: inert({ kind: integer('a power of two', { min: 12, max: 64 }), settings: ['hashpower_init'] }),
  hot_lru_pct: inert({ kind: integer('a share', PERCENT), settings: ['hot_lru_pct'] }),
  hot_max_factor: inert({
    kind: fraction('a factor', 0),
    settings: ['hot_max_factor'],
    settingText: hundredths,
  }),
  inline_ascii_resp: SWITCH,
  lru_crawler: inert({ kind: flag(true), settings: ['lru_crawler'] }),
  lru_crawler_sleep: inert({
    kind: integer('a time', { min: 0, max: 1_000_000, unit: 'microseconds' }),
    settings: ['lru_crawler_sleep'],
  }),
  lru_crawler_tocrawl: inert({
    kind: integer('a number of items', { min: 0 }),
    settings: ['lru_crawler_tocrawl'],
  }),
  lru_maintainer: inert({ kind: flag(true), settings: ['lru_maintainer_thread', 'lru_segmented'] }),
  modern: SWITCH,
  relaxed_privileges: SWITCH,
  resp_obj_mem_limit: inert({ kind: integer('a limit of buffers', { min: 0, unit: 'megabytes' }) }),
  slab_automove: inert({
    kind: integer('a way to move pages', { min: 0, max: 2 }),
    alone: '1',
    settings: ['slab_automove'],
  }),
  slab_automove_freeratio: inert({ kind: fraction('a ratio', 0, 1) }),
  slab_automove_ratio: inert({
    kind: fraction('a ratio', 0, 1),
    settings: ['slab_automove_ratio'],
    settingText: hundredths,
  }),
  slab_automove_window: inert({
    kind: integer('a number of seconds', { min: 3 }),
    settings: ['slab_automove_window'],
  }),
  slab_chunk_max: inert({
    kind: kilobytes('a size of chunks', 1, 1024 * 1024),
    settings: ['slab_chunk_max'],
    settingText: String,
  }),
  slab_reassign: inert({ kind: flag(true), settings: ['slab_reassign'] }),
  slab_sizes: inert({ kind: text('<list>', 'a list of sizes', 1024) }),
  ssl_kernel_tls: SWITCH,
  tail_repair_time: inert({
    kind: integer('a time', { min: 10, unit: 'seconds' }),
    settings: ['tail_repair_time'],
  }),
  track_sizes: inert({ kind: flag(true), settings: ['track_sizes'] }),
  warm_lru_pct: inert({ kind: integer('a share', PERCENT), settings: ['warm_lru_pct'] }),
  warm_max_factor: inert({
    kind: fraction('a factor', 0),
    settings: ['warm_max_factor'],
    settingText: hundredths,
  }),
}

/** Names in the lists of `-o` that mean a list of others. */
export const SHORT_FOR: Readonly<Record<string, string>> = {
  no_modern:
    'no_maxconns_fast,no_slab_reassign,slab_automove=0,no_lru_crawler,no_lru_maintainer,hash_algorithm=jenkins,no_chunked_items',
  no_slab_automove: 'slab_automove=0',
  no_drop_privileges: 'relaxed_privileges',
}
