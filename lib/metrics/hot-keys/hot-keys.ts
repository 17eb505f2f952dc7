import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { type HotKeysFound, hottest } from './hottest.js'
import { readTable, type TableContents } from './read-table.js'
import { Sampling } from './sampling.js'
import { SpaceSaving, TableLayout } from './space-saving.js'

/** What is counted, in this order. */
export const HOT_MEASURES = ['reads', 'writes', 'bytes'] as const
/** Of what it is counted. */
export const HOT_SUBJECTS = ['keys', 'prefixes'] as const
/** Since when it is counted. */
export const HOT_WINDOWS = ['start', 'minute', '10s'] as const

export type HotMeasure = (typeof HOT_MEASURES)[number]
export type HotSubject = (typeof HOT_SUBJECTS)[number]
export type HotWindow = (typeof HOT_WINDOWS)[number]

/** Only whole seconds are needed. */
export interface SecondsClock {
  /** Absolute seconds. */
  readonly now: number
  readonly uptime: number
}

/**
 * The keys and the prefixes of keys with the most reads, writes and bytes. Each worker has tables in the arena for itself: since the
 * start, and for each period of ten seconds, of which the latest seven are kept.
 *
 *     ┌───────┐ ┌───────────────────────────────┐ ┌────────────────┬─ ─┬────────────────┐
 *     │ round │ │ since the start: a table for  │ │ period, modulo │   │ the same six   │    of worker 0, of worker 1 …
 *     └───────┘ │ each measure of each subject  │ │ 7: the same six│   │ tables         │
 *               └───────────────────────────────┘ └────────────────┴─ ─┴────────────────┘
 *
 * The round rises with each reset: what was counted before, since the start, is then of an earlier round.
 */
export class HotKeys {
  private readonly arena: Arena
  private readonly clock: SecondsClock
  private readonly delimiter: number
  private readonly round: number
  private readonly tables: number
  private readonly sinceStart: readonly SpaceSaving[]
  private readonly periods: readonly (readonly SpaceSaving[])[]
  private readonly sampling: Sampling
  private ownRound = 0
  private ownPeriod = 0
  private current: readonly SpaceSaving[]
  private sampleCount = 0

  constructor(arena: Arena, clock: SecondsClock, delimiter: string, seed = Math.random() * 2 ** 32) {
    const { worker, workerCount } = arena.workerSlot
    this.arena = arena
    this.clock = clock
    this.delimiter = delimiter.charCodeAt(0)
    this.sampling = new Sampling(seed)
    this.round = arena.reserve(CACHE_LINE_LENGTH) / 4
    this.tables = arena.reserve(workerCount * WORKER_LENGTH)
    const open = (set: number): SpaceSaving[] =>
      TABLES.map((table) => new SpaceSaving(arena, this.layout(worker, set, table)))
    this.sinceStart = open(START_SET)
    this.periods = Array.from({ length: PERIODS_KEPT }, (_, index) => open(index))
    this.current = this.periods[0]!
  }

  static readonly regionLength = (workerCount: number): number =>
    workerCount * WORKER_LENGTH + 2 * CACHE_LINE_LENGTH

  /** Looks at a request that was executed. Returns in how many requests the next one is to be looked at. */
  sample(request: Request, reply: Reply): number {
    const { sampling } = this
    const kind = KINDS[request.command]!
    const length = request.keyEnd - request.keyStart
    // A request that waits for its key is counted when it is answered.
    const isCounted = kind !== Kind.NEITHER && reply.status !== Status.CONTINUE
    if (isCounted && length > 0 && length <= KEY_LENGTH_MAX) this.count(request, reply, kind)
    sampling.countSample()
    return sampling.distance()
  }

  /** So many seconds have passed. Returns when the next request is to be looked at, if that is sooner than it was; otherwise undefined. */
  passSeconds(count: number): number | undefined {
    return this.sampling.passSeconds(count) ? this.sampling.distance() : undefined
  }

  /**
   * Counts a sample as a read or a write of its key, since the start. One sample in `detail` is counted everywhere else, for all of
   * these: that takes several times as long, and is more exact than needed all the same.
   */
  private count(request: Request, reply: Reply, kind: Kind): void {
    this.beginWhatIsDue()
    const { interval, detail } = this.sampling
    const { keyStart, keyEnd } = request
    const measure = kind === Kind.READ ? READS : WRITES
    const hash = this.arena.hash(keyStart, keyEnd - keyStart)
    this.sinceStart[KEYS + measure]!.add(hash, keyStart, keyEnd - keyStart, interval)
    if (++this.sampleCount % detail !== 0) return
    const weight = interval * detail
    this.current[KEYS + measure]!.add(hash, keyStart, keyEnd - keyStart, weight)
    const byteWeight = weight * valueLengthOf(request, reply, kind)
    if (byteWeight > 0) this.add(KEYS + BYTES, hash, keyStart, keyEnd, byteWeight)
    const prefixEnd = this.prefixEndOf(keyStart, keyEnd)
    if (prefixEnd === keyEnd) return
    const prefixHash = this.arena.hash(keyStart, prefixEnd - keyStart)
    this.add(PREFIXES + measure, prefixHash, keyStart, prefixEnd, weight)
    if (byteWeight > 0) this.add(PREFIXES + BYTES, prefixHash, keyStart, prefixEnd, byteWeight)
  }

  private prefixEndOf(keyStart: number, keyEnd: number): number {
    const { bytes } = this.arena
    let prefixEnd = keyStart
    while (prefixEnd < keyEnd && bytes[prefixEnd] !== this.delimiter) prefixEnd++
    return prefixEnd
  }

  private add(table: number, hash: number, start: number, end: number, weight: number): void {
    this.sinceStart[table]!.add(hash, start, end - start, weight)
    this.current[table]!.add(hash, start, end - start, weight)
  }

  private beginWhatIsDue(): void {
    const period = periodAt(this.clock.now)
    if (period !== this.ownPeriod) {
      this.ownPeriod = period
      this.current = this.periods[period % PERIODS_KEPT]!
      for (const table of this.current) table.begin(period)
    }
    const round = Atomics.load(this.arena.words, this.round) + 1
    if (round === this.ownRound) return
    this.ownRound = round
    for (const table of this.sinceStart) table.begin(round)
  }

  /** What is counted since the start begins anew. */
  reset(): void {
    this.arena.words[this.round + RESET_TIME] = this.clock.now
    Atomics.add(this.arena.words, this.round, 1)
  }

  /** How often it began anew. */
  get resetCount(): number {
    return Atomics.load(this.arena.words, this.round)
  }

  /** The hottest of all workers, at most this many. */
  hottest(window: HotWindow, measure: HotMeasure, subject: HotSubject, countMax: number): HotKeysFound {
    const table = HOT_SUBJECTS.indexOf(subject) * HOT_MEASURES.length + HOT_MEASURES.indexOf(measure)
    return hottest(this.arena, this.contents(window, table), countMax)
  }

  /** How many seconds a window shows. Windows end now, and begin with a period. */
  secondsOf(window: HotWindow): number {
    const { now, uptime } = this.clock
    const resetTime = this.arena.words[this.round + RESET_TIME]! >>> 0
    if (window === 'start') return resetTime === 0 ? uptime : now - resetTime
    return Math.min(uptime, PERIOD_SECONDS * EARLIER_PERIODS[window] + (now % PERIOD_SECONDS))
  }

  private contents(window: HotWindow, table: number): TableContents[] {
    const found: TableContents[] = []
    const { workerCount } = this.arena.workerSlot
    for (let worker = 0; worker < workerCount; worker++) {
      for (const [set, period] of this.setsOf(window)) {
        const contents = readTable(this.arena, this.layout(worker, set, table), period)
        if (contents !== undefined) found.push(contents)
      }
    }
    return found
  }

  private setsOf(window: HotWindow): (readonly [set: number, period: number])[] {
    if (window === 'start') return [[START_SET, Atomics.load(this.arena.words, this.round) + 1]]
    const latest = periodAt(this.clock.now)
    return Array.from({ length: EARLIER_PERIODS[window] + 1 }, (_, age) => {
      const period = latest - age
      return [period % PERIODS_KEPT, period] as const
    })
  }

  private layout(worker: number, set: number, table: number): TableLayout {
    const first = this.tables + worker * WORKER_LENGTH
    if (set === START_SET) return new TableLayout(first + table * START_LENGTH, START_CAPACITY)
    const place = set * TABLES.length + table
    return new TableLayout(first + TABLES.length * START_LENGTH + place * PERIOD_LENGTH, PERIOD_CAPACITY)
  }
}

function valueLengthOf({ valueStart, valueEnd }: Request, { valueLength }: Reply, kind: Kind): number {
  if (kind === Kind.READ) return valueLength
  return kind === Kind.STORE ? valueEnd - valueStart : 0
}

/** In seconds since 1970, behind the round; 0: there was no reset. */
const RESET_TIME = 1

const READS = 0
const WRITES = 1
const BYTES = 2
const KEYS = 0
const PREFIXES = HOT_MEASURES.length
/** The numbers of the tables of a set. */
const TABLES = Array.from({ length: HOT_SUBJECTS.length * HOT_MEASURES.length }, (_, table) => table)

/** With zipf 1.0 over a million keys the tenth has one request in 144: seven times what an error can be. */
const START_CAPACITY = 1024
const PERIOD_CAPACITY = 256
const START_LENGTH = TableLayout.byteLength(START_CAPACITY)
const PERIOD_LENGTH = TableLayout.byteLength(PERIOD_CAPACITY)

const PERIOD_SECONDS = 10
/** A window has the current period, and this many earlier ones. */
const EARLIER_PERIODS = { '10s': 1, minute: 6 } as const
const PERIODS_KEPT = 7
const START_SET = -1
const WORKER_LENGTH = TABLES.length * (START_LENGTH + PERIODS_KEPT * PERIOD_LENGTH)

/** Never `NO_PERIOD`. */
const periodAt = (seconds: number): number => Math.floor(seconds / PERIOD_SECONDS) + 1

const Kind = { NEITHER: 0, READ: 1, STORE: 2, OTHER_WRITE: 3 } as const
type Kind = (typeof Kind)[keyof typeof Kind]

/** The commands about one item. Misses and refused requests count, too: they are load. */
const KINDS_BY_COMMAND: Readonly<Partial<Record<Command, Kind>>> = {
  [Command.GET]: Kind.READ,
  [Command.META_GET]: Kind.READ,
  [Command.META_WAIT]: Kind.READ,
  [Command.GET_AND_TOUCH]: Kind.READ,
  [Command.SET]: Kind.STORE,
  [Command.ADD]: Kind.STORE,
  [Command.REPLACE]: Kind.STORE,
  [Command.APPEND]: Kind.STORE,
  [Command.PREPEND]: Kind.STORE,
  [Command.TOUCH]: Kind.OTHER_WRITE,
  [Command.DELETE]: Kind.OTHER_WRITE,
  [Command.INCREMENT]: Kind.OTHER_WRITE,
  [Command.DECREMENT]: Kind.OTHER_WRITE,
}

const KINDS: readonly Kind[] = Array.from(
  { length: Math.max(...Object.values(Command)) + 1 },
  (_, command) => KINDS_BY_COMMAND[command as Command] ?? Kind.NEITHER,
)
