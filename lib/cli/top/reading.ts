import type { Statistic } from '../shell/cache/group-call.js'

/** What a server has said about itself at one moment. */
export interface Reading {
  readonly atMs: number
  /** By name; what a server does not have is missing. */
  readonly numbers: ReadonlyMap<string, number>
  readonly version: string
  readonly hotKeys: readonly HotKey[]
}

export interface HotKey {
  /** Percent-encoded. */
  readonly key: string
  /** Reads in the last ten seconds, about. */
  readonly reads: number
}

/** Of a server between two readings. Undefined: it does not say, or it was started again meanwhile. */
export interface Figures {
  readonly version: string
  readonly uptimeSeconds: number | undefined
  readonly getsPerSecond: number | undefined
  readonly setsPerSecond: number | undefined
  readonly deletesPerSecond: number | undefined
  /** From 0 to 1, of the gets between both readings. */
  readonly hitRatio: number | undefined
  readonly evictionsPerSecond: number | undefined
  readonly items: number | undefined
  readonly bytes: number | undefined
  readonly bytesMax: number | undefined
  readonly connections: number | undefined
  readonly receivedBytesPerSecond: number | undefined
  readonly sentBytesPerSecond: number | undefined
  /** 1 is one core. */
  readonly cpu: number | undefined
  readonly hotKeys: readonly HotKey[]
}

export function readingOf(
  statistics: readonly Statistic[],
  hotKeys: readonly Statistic[] | undefined,
  atMs: number,
): Reading {
  const numbers = new Map(
    statistics.map(([name, text]) => [name, Number(text)] as const).filter(([, number]) => isFigure(number)),
  )
  const version = statistics.find(([name]) => name === 'version')?.[1] ?? '?'
  return { atMs, numbers, version: printable(version), hotKeys: (hotKeys ?? []).flatMap(hotKeyIn) }
}

/** A line is `10s:reads:keys:RANK WEIGHT ERROR KEY`. */
function hotKeyIn([name, text]: Statistic): HotKey[] {
  if (!name.startsWith(HOT_KEYS)) return []
  const [weight, , key = ''] = text.split(' ')
  const reads = Number(weight)
  return isFigure(reads) && key !== '' ? [{ key: printable(key), reads }] : []
}

const isFigure = (number: number): boolean => number >= 0 && Number.isFinite(number)

export function figuresOf(before: Reading | undefined, now: Reading): Figures {
  const at = (name: string): number | undefined => now.numbers.get(name)
  const uptimeSeconds = at('uptime')
  const hasRestarted = (before?.numbers.get('uptime') ?? 0) > (uptimeSeconds ?? 0)
  const earlier = hasRestarted ? undefined : before
  const growth = (...names: readonly string[]): number | undefined => {
    if (earlier === undefined) return undefined
    const sums = [earlier, now].map(({ numbers }) =>
      names.reduce((sum, name) => sum + (numbers.get(name) ?? Number.NaN), 0),
    )
    const difference = sums[1]! - sums[0]!
    // Counters that were reset.
    return difference >= 0 ? difference : undefined
  }
  const seconds = (now.atMs - (earlier?.atMs ?? now.atMs)) / 1000
  const rate = (...names: readonly string[]): number | undefined => {
    const difference = growth(...names)
    return difference === undefined || seconds === 0 ? undefined : difference / seconds
  }
  const gets = growth('get_hits', 'get_misses')
  const hits = growth('get_hits')
  return {
    version: now.version,
    uptimeSeconds,
    getsPerSecond: rate('cmd_get'),
    setsPerSecond: rate('cmd_set'),
    deletesPerSecond: rate('delete_hits', 'delete_misses'),
    hitRatio: gets === undefined || hits === undefined || gets === 0 ? undefined : hits / gets,
    evictionsPerSecond: rate('evictions'),
    items: at('curr_items'),
    bytes: at('bytes'),
    bytesMax: at('limit_maxbytes'),
    connections: at('curr_connections'),
    receivedBytesPerSecond: rate('bytes_read'),
    sentBytesPerSecond: rate('bytes_written'),
    cpu: rate('rusage_user', 'rusage_system'),
    hotKeys: now.hotKeys,
  }
}

/** A server must not write to the terminal of its reader. */
export const printable = (text: string): string => text.replaceAll(/[^ -~]/g, '?')

const HOT_KEYS = '10s:reads:keys:'
