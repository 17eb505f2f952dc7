import { expect } from 'chai'
import { Random } from '../support/random.js'
import { ConnectionFuzz } from './connection-fuzz.js'
import { HEAP_GROWTH_MAX, heapLength } from './heap.js'

const RUN_MS = 1500

describe('Fuzzed connections, without sockets', () => {
  const { seed } = new Random()

  it(`get the expected replies, and leave nothing behind (seed ${seed})`, async function () {
    this.slow(3 * RUN_MS)
    const fuzz = new ConnectionFuzz(seed)
    await fuzz.run()
    const heapAtStart = heapLength()
    const endMs = performance.now() + RUN_MS
    do await fuzz.run()
    while (performance.now() < endMs)
    expect(heapLength() - heapAtStart, 'growth of the heap').lessThan(HEAP_GROWTH_MAX)
    expect(fuzz.replyCount).greaterThan(0)
  })
})
