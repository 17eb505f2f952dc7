import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { WINDOW_LENGTH } from '../../lib/request/limits.js'
import { Worker } from '../../lib/server/connection/worker.js'

describe('The windows of a worker', () => {
  /** How many each worker has. */
  const countFor = (connectionsMax: number, readBufferMegabytes: number, workerCount: number): number =>
    Math.floor(
      Worker.poolRegionLength({ connectionsMax, readBufferMegabytes }, workerCount) /
        workerCount /
        WINDOW_LENGTH,
    )

  it('are three for each of its share of the connections, up to 512 MiB, and 128 for all', () => {
    expect(countFor(100, 0, 1)).equal(300 + 128)
    expect(countFor(100, 0, 2)).equal(150 + 128)
    expect(countFor(101, 0, 4)).equal(76 + 128)
    expect(countFor(100_000, 0, 1)).equal(16 * 1024 + 128)
    expect(countFor(100_000, 0, 4)).equal(4 * 1024 + 128)
  })

  it('are within the limit of memory for all workers, but eight at least', () => {
    expect([1, 2, 3, 4, 8].map((workerCount) => countFor(1000, 1, workerCount))).deep.equal([
      32, 16, 10, 8, 8,
    ])
    expect(countFor(1, 16, 1)).equal(3 + 128)
    expect(countFor(1000, 16, 1)).equal(512)
  })

  it('lie in the region that is reserved for them', () => {
    const limits = { connectionsMax: 10, readBufferMegabytes: 1 }
    const arena = Arena.create(Worker.poolRegionLength(limits, 2) + 8192, 2)
    expect(Worker.createPool(arena, limits).windowCount).equal(16)
  })
})
