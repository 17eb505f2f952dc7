import { Counter, type CounterName } from '../../metrics/counters.js'
import type { Reply, Statistic } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import type { StatisticsGroup } from '../../request/statistics-groups.js'
import { Status } from '../../request/status.js'
import type { Context } from '../context/context.js'
import { GENERAL_STATISTICS } from './general-statistics.js'
import { hotKeyStatistics, latencyStatistics } from './insight-statistics.js'

/** `stat`: the group is the request's key. */
export function statistics(context: Context, request: Request, reply: Reply): void {
  const group = context.arena.bytes.toString('latin1', request.keyStart, request.keyEnd)
  const lines = statisticsOf(context, group)
  if (lines === undefined) reply.status = Status.NOT_FOUND
  else reply.statistics = lines
}

/** The lines of a group; undefined if there is no such group. */
export function statisticsOf(context: Context, group: string): readonly Statistic[] | undefined {
  const found = Object.entries(GROUPS).find(([name, { isWhole }]) =>
    isWhole ? group === name : group.startsWith(name),
  )
  return found?.[1].list(context, group)
}

interface Group {
  /** False if memcached compares only the beginning of the name. */
  readonly isWhole: boolean
  readonly list: (context: Context, group: string) => readonly Statistic[] | undefined
}

const GROUPS: Readonly<Record<'' | StatisticsGroup, Group>> = {
  '': { isWhole: true, list: general },
  reset: { isWhole: false, list: reset },
  settings: {
    isWhole: false,
    list: (context) => context.serverControl.settings(context.prefixes.isEnabled),
  },
  detail: { isWhole: false, list: detail },
  items: { isWhole: true, list: items },
  slabs: { isWhole: true, list: slabs },
  sizes: { isWhole: true, list: () => [['sizes_status', 'disabled']] },
  conns: { isWhole: true, list: (context) => context.serverControl.connections() },
  journal: { isWhole: true, list: (context) => context.serverControl.journal?.() },
  latency: { isWhole: true, list: latencyStatistics },
  hotkeys: { isWhole: true, list: hotKeyStatistics },
  gateway: { isWhole: true, list: (context) => context.serverControl.gateway?.() },
}

function general(context: Context): Statistic[] {
  context.serverControl.countConnections()
  return GENERAL_STATISTICS.flatMap(([name, read]) => {
    const value = read(context)
    return value === undefined ? [] : [[name, String(value)] as const]
  })
}

function reset(context: Context): Statistic[] {
  context.counters.reset()
  context.insight?.reset()
  context.prefixes.clear()
  return []
}

function detail(context: Context, group: string): Statistic[] | undefined {
  const { prefixes } = context
  switch (group) {
    case 'detail on':
      prefixes.isEnabled = true
      return []
    case 'detail off':
      prefixes.isEnabled = false
      return []
    case 'detail dump':
      return [['detailed', prefixes.dump()]]
    default:
      return undefined
  }
}

/** memcached has a list per size of item; here all items are in one, number 1. */
function items(context: Context): Statistic[] {
  const { store } = context
  if (store.itemCount === 0) return []
  return [
    ['items:1:number', String(store.itemCount)],
    ['items:1:age', String(store.clock.now - store.figures.oldestTime(store.clock.now))],
    ['items:1:mem_requested', String(store.figures.liveLength)],
    ...counts(context, 'items:1:', ITEM_COUNTERS),
  ]
}

const ITEM_COUNTERS: readonly (readonly [string, CounterName])[] = [
  ['evicted', 'evictions'],
  ['outofmemory', 'store_no_memory'],
  ['reclaimed', 'reclaimed'],
  ['expired_unfetched', 'expired_unfetched'],
  ['evicted_unfetched', 'evicted_unfetched'],
  ['evicted_active', 'evicted_active'],
  ['crawler_reclaimed', 'crawler_reclaimed'],
]

/** memcached cuts pages into chunks; here a page is a segment, and its one chunk too. */
function slabs(context: Context): Statistic[] {
  const { store } = context
  if (store.itemCount === 0) {
    return [
      ['active_slabs', '0'],
      ['total_malloced', '0'],
    ]
  }
  const { segmentCount: count, freeSegmentCount: freeCount, segmentLength } = store.figures
  return [
    ['1:chunk_size', String(segmentLength)],
    ['1:chunks_per_page', '1'],
    ['1:total_pages', String(count)],
    ['1:total_chunks', String(count)],
    ['1:used_chunks', String(count - freeCount)],
    ['1:free_chunks', String(freeCount)],
    ['1:free_chunks_end', '0'],
    ...counts(context, '1:', SLAB_COUNTERS),
    ['active_slabs', '1'],
    ['total_malloced', String((count - freeCount) * segmentLength)],
  ]
}

const SLAB_COUNTERS: readonly (readonly [string, CounterName])[] = [
  ['get_hits', 'get_hits'],
  ['cmd_set', 'cmd_set'],
  ['delete_hits', 'delete_hits'],
  ['incr_hits', 'incr_hits'],
  ['decr_hits', 'decr_hits'],
  ['cas_hits', 'cas_hits'],
  ['cas_badval', 'cas_badval'],
  ['touch_hits', 'touch_hits'],
]

const counts = (
  context: Context,
  prefix: string,
  rows: readonly (readonly [string, CounterName])[],
): Statistic[] =>
  rows.map(([name, counter]) => [prefix + name, String(context.counters.read(Counter[counter]))])
