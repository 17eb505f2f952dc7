import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Counters } from '../../lib/metrics/counters.js'
import { createStore, storeLengths } from '../../lib/store/create-store.js'
import { DividedStore } from '../../lib/store/divided-store.js'
import { PrefixFlushes } from '../../lib/store/expiry/prefix-flushes.js'
import { SingleStore } from '../../lib/store/single-store.js'
import { Clock } from '../../lib/store/time/clock.js'
import { dividedArena } from '../support/divided-driver.js'

const MEGABYTE = 1024 * 1024
/** Each region begins at a cache line, and the segments at a page and end at one. */
const ALIGNMENT_LENGTH = 2 * 4096 + 16 * 64

/** The last has so many segments that their lists are longer than what alignment leaves free. */
const CASES = [
  ...[1, 64, 100].flatMap((megabytes) => [1, 2].map((factor) => ({ megabytes, factor }))),
  { megabytes: 8, factor: 32 },
]

/** How many bytes of an arena are taken. */
function takenOf(arena: Arena, alignment: number, act: () => void): number {
  const start = arena.reserve(0, alignment)
  act()
  return arena.reserve(0, alignment) - start
}

describe('the region of a store', () => {
  for (const workerCount of [1, 2, 7])
    for (const { megabytes, factor } of CASES)
      it(`is as long as computed: ${megabytes} MB, at most ${factor} times, workers: ${workerCount}`, () => {
        const memoryLength = megabytes * MEGABYTE
        const memoryLengthMax = factor * memoryLength
        const length = SingleStore.regionLength(memoryLength, workerCount, memoryLengthMax)
        const arena = Arena.create(
          length + Counters.regionLength(workerCount) + Clock.regionLength(),
          workerCount,
        )
        const counters = Counters.over(arena)
        const clock = new Clock(arena)
        const options = { memoryLength, memoryLengthMax, mayEvict: true }
        const taken = takenOf(arena, 64, () => new SingleStore(arena, counters, clock, options))
        expect(taken).at.most(length)
        expect(taken).at.least(length - ALIGNMENT_LENGTH)
      })
})

describe('the regions of a store of several memories', () => {
  for (const memoryCount of [1, 2, 3])
    it(`are as long as computed: ${memoryCount}`, () => {
      const options = { memoryLength: 96 * MEGABYTE, memoryLengthMax: 192 * MEGABYTE, mayEvict: true }
      const { byteLength, itemLengths } = storeLengths({ ...options, memoryCount }, 1)
      const arena = dividedArena(byteLength + Counters.regionLength(1) + Clock.regionLength(), itemLengths)
      const [counters, clock] = [Counters.over(arena), new Clock(arena)]
      const regions = [byteLength, ...itemLengths].map((length, memory) => ({
        length,
        memory: memory === 0 ? arena : arena.itemMemories[memory - 1]!,
      }))
      const starts = regions.map(({ memory }) => memory.reserve(0))
      const store = createStore(arena, counters, clock, options)
      expect(store).instanceOf(memoryCount === 1 ? SingleStore : DividedStore)
      expect(regions).length(memoryCount === 1 ? 1 : 1 + memoryCount)
      for (const [number, { memory, length }] of regions.entries())
        expect(memory.reserve(0) - starts[number]!, `memory ${number}`)
          .at.most(length)
          .at.least(length - ALIGNMENT_LENGTH)
    })
})

describe('the region of a part', () => {
  const parts: readonly (readonly [name: string, length: number, reserve: (arena: Arena) => unknown])[] = [
    ['the clock', Clock.regionLength(), (arena) => new Clock(arena)],
    ['flushed prefixes', PrefixFlushes.regionLength(), (arena) => new PrefixFlushes(arena)],
  ]
  for (const [name, length, reserve] of parts)
    it(`is not longer than computed, wherever it begins: that of ${name}`, () => {
      const arena = Arena.create(length + 64)
      // A byte behind a line of the cache.
      arena.reserve(1)
      expect(takenOf(arena, 1, () => reserve(arena))).at.most(length)
    })
})
