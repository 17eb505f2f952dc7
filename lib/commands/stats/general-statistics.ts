import { Counter, type CounterName } from '../../metrics/counters.js'
import type { CommandOptions, Context } from '../context/context.js'

/** Undefined if this server has no such figure: then the row is not shown. */
type Row = readonly [name: string, read: (context: Context) => number | string | undefined]

const counted = (name: CounterName): Row => [name, (context) => context.counters.read(Counter[name])]

/** A counter, shown with the other counters. */
const countedWith = (name: CounterName, isWanted: (options: CommandOptions) => boolean): Row => [
  name,
  ({ counters, options }) => (isWanted(options) ? counters.read(Counter[name]) : undefined),
]

/** For tools that look for the name: this server has no such figure. */
const none = (name: string): Row => [name, () => 0]

/** Seconds and microseconds, with a point between them: some clients look for the point. */
function seconds(microseconds: number): string {
  const rest = String(microseconds % 1_000_000).padStart(6, '0')
  return `${Math.floor(microseconds / 1_000_000)}.${rest}`
}

/** The rows of `stats`, in memcached's order. */
export const GENERAL_STATISTICS: readonly Row[] = [
  ['pid', () => process.pid],
  ['uptime', ({ store }) => store.clock.uptime],
  ['time', ({ store }) => store.clock.now],
  ['version', ({ serverControl }) => serverControl.memcachedVersion],
  ['libevent', () => `libuv-${process.versions.uv}`],
  ['pointer_size', () => 64],
  ['rusage_user', () => seconds(process.resourceUsage().userCPUTime)],
  ['rusage_system', () => seconds(process.resourceUsage().systemCPUTime)],
  ['max_connections', ({ serverControl }) => serverControl.connectionCountMax],
  ['curr_connections', ({ serverControl }) => serverControl.connectionCount],
  counted('total_connections'),
  counted('rejected_connections'),
  ['connection_structures', ({ serverControl }) => serverControl.connectionCount],
  none('response_obj_oom'),
  none('response_obj_count'),
  none('response_obj_bytes'),
  ['read_buf_count', ({ serverControl }) => serverControl.windowCountMax],
  ['read_buf_bytes', ({ serverControl }) => serverControl.windowCountMax * serverControl.windowLength],
  [
    'read_buf_bytes_free',
    ({ serverControl: { windowCount, windowCountMax, windowLength } }) =>
      (windowCountMax - windowCount) * windowLength,
  ],
  counted('read_buf_oom'),
  none('reserved_fds'),
  counted('cmd_get'),
  counted('cmd_set'),
  counted('cmd_flush'),
  counted('cmd_touch'),
  counted('cmd_meta'),
  counted('get_hits'),
  counted('get_misses'),
  counted('get_expired'),
  counted('get_flushed'),
  counted('delete_misses'),
  counted('delete_hits'),
  counted('incr_misses'),
  counted('incr_hits'),
  counted('decr_misses'),
  counted('decr_hits'),
  counted('cas_misses'),
  counted('cas_hits'),
  counted('cas_badval'),
  counted('touch_hits'),
  counted('touch_misses'),
  counted('store_too_large'),
  counted('store_no_memory'),
  counted('auth_cmds'),
  counted('auth_errors'),
  countedWith('idle_kicks', ({ idleTimeoutSeconds }) => idleTimeoutSeconds > 0),
  counted('bytes_read'),
  counted('bytes_written'),
  ['limit_maxbytes', ({ store }) => store.memory.length],
  ['accepting_conns', () => 1],
  none('listen_disabled_num'),
  none('time_in_listen_disabled_us'),
  ['threads', ({ serverControl }) => serverControl.threadCount],
  counted('conn_yields'),
  ['hash_power_level', ({ store }) => store.figures.hashPower],
  ['hash_bytes', ({ store }) => store.figures.indexLength],
  none('hash_is_expanding'),
  none('slab_reassign_rescues'),
  none('slab_reassign_chunk_rescues'),
  none('slab_reassign_inline_reclaim'),
  none('slab_reassign_busy_items'),
  none('slab_reassign_busy_deletes'),
  none('slab_reassign_busy_nomem'),
  none('slab_reassign_last_busy_status'),
  none('slab_reassign_running'),
  none('slabs_moved'),
  none('malloc_fails'),
  counted('log_worker_dropped'),
  counted('log_worker_written'),
  counted('log_watcher_skipped'),
  counted('log_watcher_sent'),
  ['log_watchers', ({ watchers }) => watchers?.count ?? 0],
  countedWith('ssl_new_sessions', ({ sslEnabled, sslSessionCache }) => sslEnabled && sslSessionCache),
  countedWith('ssl_handshake_errors', ({ sslEnabled }) => sslEnabled),
  countedWith('ssl_proto_errors', ({ sslEnabled }) => sslEnabled),
  [
    'time_since_server_cert_refresh',
    ({ options, serverControl }) => (options.sslEnabled ? serverControl.certificateAge : undefined),
  ],
  none('unexpected_napi_ids'),
  none('round_robin_fallback'),
  ['bytes', ({ store }) => store.figures.liveLength],
  ['curr_items', ({ store }) => store.itemCount],
  counted('total_items'),
  ['slab_global_page_pool', ({ store }) => store.figures.freeSegmentCount],
  counted('expired_unfetched'),
  counted('evicted_unfetched'),
  counted('evictions'),
  counted('reclaimed'),
  counted('crawler_reclaimed'),
  none('crawler_items_checked'),
  none('lrutail_reflocked'),
  counted('internal_errors'),
]
