import { expect } from 'chai'
import { Random } from '../support/random.js'
import { HEAP_GROWTH_MAX, heapLength } from './heap.js'
import { LineFuzz } from './line-fuzz.js'

const RUN_MS = 1000
const STREAMS_AT_ONCE = 30

describe('Fuzzed lines, without sockets', () => {
  const { seed } = new Random()

  it(`get the same replies as whole lines, and leave nothing behind (seed ${seed})`, async function () {
    this.slow(3 * RUN_MS)
    const fuzz = new LineFuzz(seed)
    await fuzz.run(STREAMS_AT_ONCE)
    const heapAtStart = heapLength()
    const endMs = performance.now() + RUN_MS
    do await fuzz.run(STREAMS_AT_ONCE)
    while (performance.now() < endMs)
    expect(heapLength() - heapAtStart, 'growth of the heap').lessThan(HEAP_GROWTH_MAX)
    expect(fuzz.replyCount).greaterThan(0)
    expect(fuzz.waitCount).greaterThan(0)
  })
})
