import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'

/**
 * `stats detail`: commands counted by the part of the key before the delimiter. Counted only while it is enabled.
 *
 * Each worker counts in rows of its own in the arena, and finds them by a map of its own; a request for them adds the
 * rows of all workers. A reset begins another round: rows of an earlier one no longer count.
 *
 *     common   ┌─────────┬───────┐     worker 0   ┌───────┬───────────┐ ┌──────┬──────┬──────┬─────────┬────────┬────────┐
 *              │ enabled │ round │                │ round │ row count │ │ gets │ hits │ sets │ deletes │ length │ prefix │ ...
 *              └─────────┴───────┘                └───────┴───────────┘ └──────┴──────┴──────┴─────────┴────────┴────────┘
 */
export class PrefixStatistics {
  private readonly arena: Arena
  private readonly delimiter: number
  private readonly common: number
  private readonly tables: number
  private readonly own: number
  private readonly rows = new Map<string, number>()

  constructor(arena: Arena, delimiter: string, isEnabled: boolean) {
    const { worker, workerCount } = arena.workerSlot
    this.arena = arena
    this.delimiter = delimiter.charCodeAt(0)
    this.common = arena.reserve(CACHE_LINE_LENGTH) >>> 2
    this.tables = arena.reserve(workerCount * TABLE_LENGTH)
    this.own = this.tables + worker * TABLE_LENGTH
    if (arena.isNew) this.isEnabled = isEnabled
  }

  static readonly regionLength = (workerCount: number): number =>
    workerCount * TABLE_LENGTH + 2 * CACHE_LINE_LENGTH

  get isEnabled(): boolean {
    return this.arena.words[this.common + ENABLED] !== 0
  }

  set isEnabled(isEnabled: boolean) {
    this.arena.words[this.common + ENABLED] = isEnabled ? 1 : 0
  }

  countGet(request: Request, isHit: boolean): void {
    const row = this.rowOf(request)
    this.count(row, GETS)
    if (isHit) this.count(row, HITS)
  }

  countSet(request: Request): void {
    this.count(this.rowOf(request), SETS)
  }

  countDelete(request: Request): void {
    this.count(this.rowOf(request), DELETES)
  }

  clear(): void {
    Atomics.add(this.arena.words, this.common + ROUND, 1)
  }

  /** As memcached prints it. */
  dump(): string {
    let lines = ''
    for (const [prefix, [gets, hits, sets, deletes]] of this.sums()) {
      lines += `PREFIX ${prefix} get ${gets} hit ${hits} set ${sets} del ${deletes}\r\n`
    }
    return `${lines}END\r\n`
  }

  private sums(): Map<string, number[]> {
    const { words, doubles, bytes, workerSlot } = this.arena
    const sums = new Map<string, number[]>()
    for (let worker = 0; worker < workerSlot.workerCount; worker++) {
      const table = this.tables + worker * TABLE_LENGTH
      if (words[table / 4 + TABLE_ROUND] !== words[this.common + ROUND]) continue
      for (let index = 0; index < words[table / 4 + ROW_COUNT]!; index++) {
        const row = rowAt(table, index)
        const start = row + TEXT
        const prefix = bytes.toString('latin1', start, start + words[(row + TEXT_LENGTH) / 4]!)
        const sum = sums.get(prefix) ?? [0, 0, 0, 0]
        sums.set(prefix, sum)
        for (let count = 0; count < sum.length; count++) sum[count] = sum[count]! + doubles[row / 8 + count]!
      }
    }
    return sums
  }

  private count(row: number, count: number): void {
    if (row !== NO_ROW) this.arena.doubles[row / 8 + count]!++
  }

  /** NO_ROW for a key without a prefix, for a prefix too many, and for meta, which memcached does not count here. */
  private rowOf(request: Request): number {
    if ((request.traits & Trait.META) !== 0) return NO_ROW
    const { bytes } = this.arena
    const { keyStart, keyEnd } = request
    const length = bytes.subarray(keyStart, keyEnd).indexOf(this.delimiter)
    if (length < 0) return NO_ROW
    this.keepRound()
    const prefix = bytes.toString('latin1', keyStart, keyStart + length)
    return this.rows.get(prefix) ?? this.addRow(prefix)
  }

  private keepRound(): void {
    const { words } = this.arena
    const round = words[this.common + ROUND]!
    if (words[this.own / 4 + TABLE_ROUND] === round) return
    this.rows.clear()
    words[this.own / 4 + ROW_COUNT] = 0
    words[this.own / 4 + TABLE_ROUND] = round
  }

  private addRow(prefix: string): number {
    const { words, doubles, bytes } = this.arena
    const index = words[this.own / 4 + ROW_COUNT]!
    if (index === PREFIX_COUNT_MAX) return NO_ROW
    const row = rowAt(this.own, index)
    doubles.fill(0, row / 8, row / 8 + COUNT_COUNT)
    // With its length: without one, Node 20 and 22 write nothing if more than 2 GiB follow.
    words[(row + TEXT_LENGTH) / 4] = bytes.write(prefix, row + TEXT, prefix.length, 'latin1')
    words[this.own / 4 + ROW_COUNT] = index + 1
    this.rows.set(prefix, row)
    return row
  }
}

const PREFIX_COUNT_MAX = 10_000
const NO_ROW = -1

const ENABLED = 0
const ROUND = 1
const TABLE_ROUND = 0
const ROW_COUNT = 1

const GETS = 0
const HITS = 1
const SETS = 2
const DELETES = 3
const COUNT_COUNT = 4
const TEXT_LENGTH = COUNT_COUNT * 8
const TEXT = TEXT_LENGTH + 8
/** With room for the longest key. */
const ROW_LENGTH = TEXT + 256
const TABLE_LENGTH = CACHE_LINE_LENGTH + PREFIX_COUNT_MAX * ROW_LENGTH + CACHE_LINE_LENGTH

const rowAt = (table: number, index: number): number => table + CACHE_LINE_LENGTH + index * ROW_LENGTH
