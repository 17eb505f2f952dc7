import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Counters } from '../../lib/metrics/counters.js'
import { SingleStore } from '../../lib/store/single-store.js'
import { Clock } from '../../lib/store/time/clock.js'

const MEGABYTE = 1024 * 1024
/** Each region begins at a cache line, and the segments at a page and end at one. */
const ALIGNMENT_LENGTH = 2 * 4096 + 16 * 64

/** The last has so many segments that their lists are longer than what alignment leaves free. */
const CASES = [
  ...[1, 64, 100].flatMap((megabytes) => [1, 2].map((factor) => ({ megabytes, factor }))),
  { megabytes: 8, factor: 32 },
]

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
        const start = arena.reserve(0)
        new SingleStore(arena, counters, clock, { memoryLength, memoryLengthMax, mayEvict: true })
        const taken = arena.reserve(0) - start
        expect(taken).at.most(length)
        expect(taken).at.least(length - ALIGNMENT_LENGTH)
      })
})
