import { expect } from 'chai'
import type { AppendFile } from '../../lib/journal/disk/files.js'
import { JournalFigure } from '../../lib/journal/writing/board.js'
import type { Fsync } from '../../lib/journal/writing/fsync.js'
import { Journal } from '../../lib/journal/writing/journal.js'
import { MemoryDisk, type Operation } from '../support/memory-disk.js'
import { Random } from '../support/random.js'
import { FuzzedWorker } from './fuzzed-worker.js'

const MEGABYTE = 1024 * 1024
const FRAMES_PER_RUN = 5000
const RUNS = 3

/** Accepts everything and keeps nothing: only the time of a write matters here. */
class Void extends MemoryDisk {
  private readonly random: Random

  constructor(random: Random) {
    super()
    this.random = random
  }

  override async append(path: string): Promise<AppendFile> {
    return this.create(path)
  }

  override perform(operation: Operation): number {
    return operation.kind === 'write' ? operation.bytes.length : 0
  }

  override later(action: () => void): void {
    // Turns of the event loop, not time: counting them distinguishes a peer that waits from one that hangs.
    let turnsLeft = this.random.below(20)
    const wait = (): void => {
      if (turnsLeft-- > 0) setImmediate(wait)
      else action()
    }
    setImmediate(wait)
  }
}

describe('Fuzzed connections whose changes are kept', () => {
  for (const fsync of ['always', 'everysec'] as const satisfies readonly Fsync[])
    it(`get the expected replies, and leave nothing behind, fsync ${fsync}`, async function () {
      this.slow(20_000)
      const random = new Random()
      const spareLength = Journal.REGION_LENGTH + 4096
      const worker = new FuzzedWorker(random, {
        memoryLength: 16 * MEGABYTE,
        requestsPerTurn: 7,
        spareLength,
      })
      const journal = await worker.keep(new Void(random), fsync)
      for (let run = 0; run < RUNS; run++) {
        const ticking = setInterval(() => journal.tick(), 5)
        try {
          await worker.run(FRAMES_PER_RUN)
        } catch (error) {
          throw new Error(`seed ${random.seed}: ${(error as Error).message}`)
        } finally {
          clearInterval(ticking)
        }
      }
      expect(worker.replyCount).to.be.above(FRAMES_PER_RUN / 2)
      expect(journal.figures.get(JournalFigure.held)).to.be.above(10)
      await journal.close()
    })
})
