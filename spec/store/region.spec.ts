import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Counters } from '../../lib/metrics/counters.js'
import { SingleStore } from '../../lib/store/single-store.js'
import { Clock } from '../../lib/store/time/clock.js'

const MEGABYTE = 1024 * 1024
/** Each region begins at a cache line, and the segments at a page and end at one. */
const ALIGNMENT_LENGTH = 2 * 4096 + 16 * 64

describe('the region of a store', () => {
  for (const workerCount of [1, 2, 7])
    for (const memoryLength of [1, 64, 100].map((megabytes) => megabytes * MEGABYTE))
      for (const factor of [1, 2])
        it(`is as long as computed: ${memoryLength / MEGABYTE} MB, at most ${factor} times, workers: ${workerCount}`, () => {
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
