import type { MetricHead, Sample } from './exposition.js'

/**
 * The metrics of memcached_exporter 0.16, by name, type and label, so that dashboards and alerts for it work unchanged. They
 * are read from the same groups of statistics. Left out are the groups of extstore and of the proxy, which the exporter also
 * leaves out without them, and figures of memcached's queues of items, which this server does not have.
 */
export interface Groups {
  /** `stats` */
  readonly general: ReadonlyMap<string, string>
  readonly settings: ReadonlyMap<string, string>
  /** `items:1:number` and `1:chunk_size` are `number` and `chunk_size` here. Empty while there is no item. */
  readonly items: ReadonlyMap<string, string>
  readonly slabs: ReadonlyMap<string, string>
}

export type Metric = readonly [head: MetricHead, samples: (groups: Groups) => readonly Sample[]]
type Group = keyof Groups

export const MEMCACHED_METRICS: readonly Metric[] = [
  // ─── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────
  [gauge('up', 'Whether the server could be asked.'), () => [{ value: 1 }]],
  [counter('uptime_seconds', 'Seconds since the start.'), of('general', 'uptime')],
  [gauge('time_seconds', 'The time of the server, in seconds since 1970.'), of('general', 'time')],
  [
    gauge('version', 'The version of memcached whose protocols the server implements.'),
    ({ general }) => [{ labels: { version: general.get('version') ?? '' }, value: 1 }],
  ],
  [gauge('accepting_connections', 'Whether connections are accepted.'), of('general', 'accepting_conns')],
  [
    counter('process_user_cpu_seconds_total', 'CPU time of the process in user mode.'),
    of('general', 'rusage_user'),
  ],
  [
    counter('process_system_cpu_seconds_total', 'CPU time of the process in the kernel.'),
    of('general', 'rusage_system'),
  ],
  // ─── the network ─────────────────────────────────────────────────────────────────────────────────────────────────────
  [counter('read_bytes_total', 'Bytes received.'), of('general', 'bytes_read')],
  [counter('written_bytes_total', 'Bytes sent.'), of('general', 'bytes_written')],
  [gauge('current_connections', 'Open connections.'), of('general', 'curr_connections')],
  [gauge('max_connections', 'The most connections allowed.'), of('settings', 'maxconns')],
  [counter('connections_total', 'Connections accepted.'), of('general', 'total_connections')],
  [
    counter('connections_rejected_total', 'Connections refused above the limit.'),
    of('general', 'rejected_connections'),
  ],
  [
    counter('connections_yielded_total', 'Times that a connection with more requests yielded to others.'),
    of('general', 'conn_yields'),
  ],
  [
    counter('connections_listener_disabled_total', 'Times that no connections were accepted; always 0 here.'),
    of('general', 'listen_disabled_num'),
  ],
  // ─── memory and items ────────────────────────────────────────────────────────────────────────────────────────────────
  [gauge('current_bytes', 'Bytes of all items.'), of('general', 'bytes')],
  [gauge('limit_bytes', 'Bytes that items and their index may take.'), of('general', 'limit_maxbytes')],
  [gauge('malloced_bytes', 'Bytes of all segments in use.'), orZero('slabs', 'total_malloced')],
  [gauge('current_items', 'Items in memory.'), of('general', 'curr_items')],
  [counter('items_total', 'Items stored.'), of('general', 'total_items')],
  [counter('items_evicted_total', 'Items evicted to make room.'), of('general', 'evictions')],
  [
    counter('items_reclaimed_total', 'Expired or flushed items whose memory was reused.'),
    of('general', 'reclaimed'),
  ],
  [
    counter('item_too_large_total', 'Values refused because they were too large.'),
    of('general', 'store_too_large'),
  ],
  [counter('item_no_memory_total', 'Values refused for lack of memory.'), of('general', 'store_no_memory')],
  [counter('direct_reclaims_total', 'There are none here: always 0.'), orZero('general', 'direct_reclaims')],
  // ─── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────
  [counter('commands_total', 'Requests by command and outcome.'), ({ general }) => commandSamples(general)],
  // ─── the LRU crawler, whose settings are shown as memcached's, and whose work the reaper does ────────────────────────
  [gauge('lru_crawler_enabled', 'Whether expired items are removed without a request.'), yes('lru_crawler')],
  [
    gauge('lru_crawler_sleep', 'A setting of memcached without effect here.'),
    of('settings', 'lru_crawler_sleep'),
  ],
  [
    gauge('lru_crawler_to_crawl', 'A setting of memcached without effect here.'),
    of('settings', 'lru_crawler_tocrawl'),
  ],
  [
    gauge('lru_crawler_maintainer_thread', 'A setting of memcached without effect here.'),
    yes('lru_maintainer_thread'),
  ],
  [
    gauge('lru_crawler_hot_percent', 'A setting of memcached without effect here.'),
    of('settings', 'hot_lru_pct'),
  ],
  [
    gauge('lru_crawler_warm_percent', 'A setting of memcached without effect here.'),
    of('settings', 'warm_lru_pct'),
  ],
  [
    gauge('lru_crawler_hot_max_factor', 'A setting of memcached without effect here.'),
    of('settings', 'hot_max_factor'),
  ],
  [
    gauge('lru_crawler_warm_max_factor', 'A setting of memcached without effect here.'),
    of('settings', 'warm_max_factor'),
  ],
  [counter('lru_crawler_starts_total', 'Always 0 here.'), orZero('general', 'lru_crawler_starts')],
  [
    counter('lru_crawler_reclaimed_total', 'Expired items that were removed without a request.'),
    of('general', 'crawler_reclaimed'),
  ],
  [counter('lru_crawler_items_checked_total', 'Always 0 here.'), of('general', 'crawler_items_checked')],
  [counter('lru_crawler_moves_to_cold_total', 'Always 0 here.'), orZero('general', 'moves_to_cold')],
  [counter('lru_crawler_moves_to_warm_total', 'Always 0 here.'), orZero('general', 'moves_to_warm')],
  [counter('lru_crawler_moves_within_lru_total', 'Always 0 here.'), orZero('general', 'moves_within_lru')],
  // ─── the one slab, which is all of memory ────────────────────────────────────────────────────────────────────────────
  [gauge('slab_current_items', 'Items in memory.'), ofSlab('items', 'number')],
  [gauge('slab_items_age_seconds', 'Age of the oldest segment with items.'), ofSlab('items', 'age')],
  [
    counter('slab_items_crawler_reclaimed_total', 'Expired items that were removed without a request.'),
    ofSlab('items', 'crawler_reclaimed'),
  ],
  [counter('slab_items_evicted_total', 'Items evicted to make room.'), ofSlab('items', 'evicted')],
  [
    counter('slab_items_evicted_unfetched_total', 'Evicted items that were never read.'),
    ofSlab('items', 'evicted_unfetched'),
  ],
  [
    counter('slab_items_expired_unfetched_total', 'Expired items that were never read.'),
    ofSlab('items', 'expired_unfetched'),
  ],
  [
    counter('slab_items_outofmemory_total', 'Values refused for lack of memory.'),
    ofSlab('items', 'outofmemory'),
  ],
  [
    counter('slab_items_reclaimed_total', 'Expired or flushed items whose memory was reused.'),
    ofSlab('items', 'reclaimed'),
  ],
  [gauge('slab_chunk_size_bytes', 'Length of a segment.'), ofSlab('slabs', 'chunk_size')],
  [gauge('slab_chunks_per_page', 'Always 1 here.'), ofSlab('slabs', 'chunks_per_page')],
  [gauge('slab_current_pages', 'Segments, free ones too.'), ofSlab('slabs', 'total_pages')],
  [gauge('slab_current_chunks', 'Segments, free ones too.'), ofSlab('slabs', 'total_chunks')],
  [gauge('slab_chunks_used', 'Segments in use.'), ofSlab('slabs', 'used_chunks')],
  [gauge('slab_chunks_free', 'Free segments.'), ofSlab('slabs', 'free_chunks')],
  [gauge('slab_chunks_free_end', 'Always 0 here.'), ofSlab('slabs', 'free_chunks_end')],
  [counter('slab_mem_requested_bytes', 'Bytes of all items.'), ofSlab('items', 'mem_requested')],
  [
    counter('slab_commands_total', 'Requests by command and outcome.'),
    ({ slabs }) => (slabs.has('cmd_set') ? slabCommandSamples(slabs) : []),
  ],
]

function gauge(name: string, help: string): MetricHead {
  return { name: `memcached_${name}`, type: 'gauge', help }
}

function counter(name: string, help: string): MetricHead {
  return { name: `memcached_${name}`, type: 'counter', help }
}

/** The figure with this name. */
function of(group: Group, name: string): Metric[1] {
  return (groups) => {
    const value = groups[group].get(name)
    return value === undefined ? [] : [{ value: Number(value) }]
  }
}

/** The same; 0 while the server has no such figure. */
function orZero(group: Group, name: string): Metric[1] {
  return (groups) => [{ value: Number(groups[group].get(name) ?? 0) }]
}

function yes(setting: string): Metric[1] {
  return ({ settings }) => [{ value: settings.get(setting) === 'yes' ? 1 : 0 }]
}

function ofSlab(group: Group, name: string): Metric[1] {
  const read = of(group, name)
  return (groups) => read(groups).map(({ value }) => ({ labels: { slab: SLAB }, value }))
}

const SLAB = '1'
const COMMANDS = ['get', 'delete', 'incr', 'decr', 'cas', 'touch']

function commandSamples(general: ReadonlyMap<string, string>): Sample[] {
  const figure = (name: string): number => Number(general.get(name) ?? 0)
  const sample = (command: string, status: string, value: number) => ({ labels: { command, status }, value })
  return [
    ...COMMANDS.flatMap((command) => [
      sample(command, 'hit', figure(`${command}_hits`)),
      sample(command, 'miss', figure(`${command}_misses`)),
    ]),
    sample('cas', 'badval', figure('cas_badval')),
    sample('flush', 'hit', figure('cmd_flush')),
    // memcached counts a set with a cas among the sets, too.
    sample(
      'set',
      'hit',
      figure('cmd_set') - figure('cas_hits') - figure('cas_misses') - figure('cas_badval'),
    ),
  ]
}

function slabCommandSamples(slabs: ReadonlyMap<string, string>): Sample[] {
  const figure = (name: string): number => Number(slabs.get(name) ?? 0)
  const sample = (command: string, status: string, value: number) => ({
    labels: { slab: SLAB, command, status },
    value,
  })
  return [
    ...COMMANDS.map((command) => sample(command, 'hit', figure(`${command}_hits`))),
    sample('cas', 'badval', figure('cas_badval')),
    sample('set', 'hit', figure('cmd_set') - figure('cas_hits') - figure('cas_badval')),
  ]
}
