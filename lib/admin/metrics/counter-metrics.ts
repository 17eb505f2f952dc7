import { COUNTERS, Counter, type CounterName } from '../../metrics/counters.js'
import type { OwnMetric } from './own-metrics.js'

/** Counters that metrics of memcached_exporter show under other names. */
const SHOWN_ELSEWHERE: ReadonlySet<CounterName> = new Set<CounterName>([
  'cmd_get',
  'cmd_set',
  'cmd_flush',
  'cmd_touch',
  'get_hits',
  'get_misses',
  'delete_hits',
  'delete_misses',
  'incr_hits',
  'incr_misses',
  'decr_hits',
  'decr_misses',
  'cas_hits',
  'cas_misses',
  'cas_badval',
  'touch_hits',
  'touch_misses',
  'store_too_large',
  'store_no_memory',
  'bytes_read',
  'bytes_written',
  'total_connections',
  'rejected_connections',
  'conn_yields',
  'total_items',
  'evictions',
  'evicted_unfetched',
  'expired_unfetched',
  'reclaimed',
  'crawler_reclaimed',
])

/** All other counters. They come with their own help. */
export const COUNTER_METRICS: readonly OwnMetric[] = COUNTERS.filter(
  ({ name }) => !SHOWN_ELSEWHERE.has(name),
).map(({ name, help }) => [
  { name: `keepcached_${name}_total`, type: 'counter', help },
  ({ access }) => [{ value: access.counters.read(Counter[name]) }],
])
