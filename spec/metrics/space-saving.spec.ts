/** Space-Saving against exact counts. */
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { hottest } from '../../lib/metrics/hot-keys/hottest.js'
import { readTable } from '../../lib/metrics/hot-keys/read-table.js'
import { SpaceSaving, TableLayout } from '../../lib/metrics/hot-keys/space-saving.js'
import { Random } from '../support/random.js'

const CAPACITY = 64
const PERIOD = 7
const SCRATCH_LENGTH = 256

class Table {
  readonly arena = Arena.create(TableLayout.byteLength(CAPACITY) + SCRATCH_LENGTH + 256)
  readonly layout = new TableLayout(this.arena.reserve(TableLayout.byteLength(CAPACITY)), CAPACITY)
  readonly spaceSaving = new SpaceSaving(this.arena, this.layout)
  private readonly scratch = this.arena.reserve(SCRATCH_LENGTH)

  constructor() {
    this.spaceSaving.begin(PERIOD)
  }

  add(key: string, weight = 1): void {
    this.arena.bytes.write(key, this.scratch, key.length, 'latin1')
    this.spaceSaving.add(this.arena.hash(this.scratch, key.length), this.scratch, key.length, weight)
  }

  read() {
    return this.readOf(PERIOD)!
  }

  readOf(period: number) {
    const contents = readTable(this.arena, this.layout, period)
    if (contents === undefined) return undefined
    const { lightest } = contents
    return { lightest, ...hottest(this.arena, [contents], CAPACITY) }
  }
}

describe('Space-Saving', () => {
  it('is exact while the keys fit', () => {
    const table = new Table()
    for (let round = 0; round < 3; round++)
      for (let key = 0; key < CAPACITY; key++) table.add(`key:${key}`, key + 1)
    const { entries, total, lightest } = table.read()
    expect(total).to.equal((3 * CAPACITY * (CAPACITY + 1)) / 2)
    expect(lightest).to.equal(3)
    expect(new Map(entries.map(({ key, weight }) => [key, weight]))).to.deep.equal(
      new Map(Array.from({ length: CAPACITY }, (_, key) => [`key:${key}`, 3 * (key + 1)])),
    )
    for (const { error } of entries) expect(error).to.equal(0)
  })

  for (const seed of [1, 2, 3, 4, 5])
    it(`keeps its bounds among many more keys (seed ${seed})`, () => {
      const random = new Random(seed)
      const table = new Table()
      const exact = new Map<string, number>()
      let total = 0
      for (let index = 0; index < 20_000; index++) {
        // Some keys are hot, and some weights are large.
        const key = `k${Math.floor(1 / (random.below(1_000_000) / 1_000_000 + 0.0005))}`
        const weight = random.chance(0.1) ? random.below(1000) + 1 : 1
        table.add(key, weight)
        total += weight
        exact.set(key, (exact.get(key) ?? 0) + weight)
      }
      expect(exact.size).to.be.above(2 * CAPACITY)
      const found = table.read()
      expect(found.total).to.equal(total)
      expect(found.entries).to.have.length(CAPACITY)
      expect(found.entries.reduce((sum, { weight }) => sum + weight, 0)).to.equal(total)
      for (const { key, weight, error } of found.entries) {
        expect(error).to.be.at.most(total / CAPACITY)
        expect(exact.get(key), key).to.be.within(weight - error, weight)
      }
      expect(found.lightest).to.equal(Math.min(...found.entries.map(({ weight }) => weight)))
      const kept = new Set(found.entries.map(({ key }) => key))
      const heavy = [...exact].filter(([, weight]) => weight > total / CAPACITY)
      expect(heavy).to.not.deep.equal([])
      for (const [key] of heavy) expect(kept.has(key), key).to.equal(true)
      for (const [key, weight] of exact) if (!kept.has(key)) expect(weight, key).to.be.at.most(found.lightest)
    })

  it('keeps keys of any bytes and of 1 to 250 bytes apart', () => {
    const table = new Table()
    const keys = ['\0', '\0\0', '\xff', 'a'.repeat(250), `${'a'.repeat(249)}b`, ' \r\n:%', '']
    for (const [index, key] of keys.entries()) table.add(key, index + 1)
    expect(new Map(table.read().entries.map(({ key, weight }) => [key, weight]))).to.deep.equal(
      new Map(keys.map((key, index) => [key, index + 1])),
    )
  })

  it('is empty after it began anew, and is not read as of another period', () => {
    const table = new Table()
    for (let key = 0; key < 2 * CAPACITY; key++) table.add(`key:${key}`)
    table.spaceSaving.begin(PERIOD + 1)
    expect(table.readOf(PERIOD)).to.equal(undefined)
    expect(table.readOf(PERIOD + 1)).to.deep.equal({
      total: 0,
      lightest: 0,
      entries: [],
    })
    table.add('key:1')
    expect(table.readOf(PERIOD + 1)!.entries).to.have.length(1)
  })

  it('leaves out an entry whose key is being replaced while it is read', () => {
    const table = new Table()
    for (const key of ['one', 'two', 'three']) table.add(key)
    // Half of the key of another one, as a thread may see it.
    table.arena.bytes.write('x', table.layout.keys, 1, 'latin1')
    expect(table.read().entries.map(({ key }) => key)).to.deep.equal(['two', 'three'])
  })
})
