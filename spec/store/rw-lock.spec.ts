import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { RwLock } from '../../lib/store/rw-lock.js'
import {
  deafWriterOf,
  everyWorld,
  hastyReader,
  isBroken,
  reader,
  silentWriterOf,
  type Walk,
  type World,
  worldsWithoutWayTo,
  writerOf,
} from './rw-lock-model.js'
import type { WorkerReport, WorkerTask } from './rw-lock-worker.js'

const STRIPES = [0, 7, 255]
const RUN_MS = 700

describe('the read-write lock', () => {
  it('lets readers share a stripe, and a writer into another one', () => {
    const [first, second] = locks(2)
    first.read(7)
    second.read(7)
    second.endRead()
    second.write(8)
    second.endWrite(8)
    first.endRead()
    second.write(7)
    second.endWrite(7)
  })

  it('is no lock for a worker that is alone: it waits for nobody and leaves the words as they are', () => {
    const words = wordsFor(1)
    words.fill(99)
    const lock = new RwLock(words, 0, { worker: 0, workerCount: 1 })
    lock.read(7)
    lock.write(7)
    lock.endWrite(7)
    lock.endRead()
    expect(words.every((word) => word === 99)).equal(true)
  })

  for (const workerCount of [2, 4])
    it(`holds with ${workerCount} threads that hammer at three stripes`, async function () {
      this.slow(3 * RUN_MS)
      const { words, counts, reports } = await hammer(workerCount)
      for (const { readCount, tornCount } of reports) {
        expect(readCount).greaterThan(0)
        expect(tornCount, 'reads that saw half of a change').equal(0)
      }
      STRIPES.forEach((_, index) => {
        const written = reports.reduce((sum, { writeCounts }) => sum + writeCounts[index]!, 0)
        expect(words.slice(counts + 2 * index, counts + 2 * index + 2)).deep.equal(
          Int32Array.of(written, written),
        )
      })
      const held = words.subarray(0, counts).filter((word) => word !== 0)
      expect(held, 'words of the lock that are still taken').to.have.length(0)
    })
})

describe('the protocol of the read-write lock, in every order of steps of two readers and two writers,', function () {
  this.timeout(60_000)
  this.slow(20_000)
  let walk: Walk

  before(() => {
    walk = everyWorld([reader, reader, writerOf(0), writerOf(0)])
  })

  it('never lets a reader beside a writer, nor two writers into one stripe', () => {
    expect(walk.worlds.filter(isBroken)).deep.equal([])
    const isShared = ({ workers }: World) => workers.every(({ at }, worker) => worker > 1 || at === 'reading')
    expect(walk.worlds.some(isShared), 'both readers may read at once').equal(true)
  })

  it('never lets one sleep who has something to do, nor comes to a point from which somebody could not get in', () => {
    expect(
      walk.worlds.some(({ workers }) => workers.some(({ at }) => at === 'asleep')),
      'they do sleep',
    ).equal(true)
    for (const [worker, place] of [
      [0, 'reading'],
      [1, 'reading'],
      [2, 'writing'],
      [3, 'writing'],
    ] as const) {
      const isIn = ({ workers }: World) => workers[worker]!.at === place
      expect(worldsWithoutWayTo(walk, isIn), `worker ${worker} ${place}`).deep.equal([])
    }
  })

  it('would break if a reader looked before he leased, and the walk sees it', () => {
    const hasty = everyWorld([hastyReader, reader, writerOf(0)])
    expect(hasty.worlds.some(isBroken)).equal(true)
  })

  for (const [fault, machine] of [
    ['slept without a mark', deafWriterOf(0)],
    ['woke nobody', silentWriterOf(0)],
  ] as const)
    it(`would leave somebody asleep if a writer ${fault}, and the walk sees it`, () => {
      const isAwake = ({ workers }: World) => workers.every(({ at }) => at !== 'asleep')
      expect(worldsWithoutWayTo(everyWorld([machine, writerOf(0)]), isAwake)).not.empty
    })

  it('is the one that the lock follows', () => {
    const [lock, other] = locks(3)
    expect(operationsOf(() => lock.read(7))).deep.equal(['store lease 0 = 8', 'load writer 7'])
    expect(operationsOf(() => lock.endRead())).deep.equal(['exchange lease 0 = 0'])
    const taken = ['compareExchange writer 7 = 1', 'load lease 1', 'load lease 2', 'load lease 3']
    expect(operationsOf(() => lock.write(7))).deep.equal(taken)
    expect(operationsOf(() => lock.endWrite(7))).deep.equal(['exchange writer 7 = 0'])
    lock.write(7)
    const waited = operationsOf(() => {
      // In place of sleep: the one who holds the stripe gives it back.
      const wait = Object.getOwnPropertyDescriptor(Atomics, 'wait')
      Object.defineProperty(Atomics, 'wait', { ...wait, value: () => lock.endWrite(7) })
      other.write(7)
    })
    const marking = waited.indexOf('compareExchange writer 7 = 32769')
    expect(waited.slice(marking, marking + 4)).deep.equal([
      'compareExchange writer 7 = 32769',
      'exchange writer 7 = 0',
      'notify writer 7',
      'compareExchange writer 7 = 2',
    ])
  })
})

describe('the onlooker at the lock', () => {
  it('reads with a lease of his own, behind those of the workers', () => {
    const { onlooking } = locks(3)[0]
    expect(operationsOf(() => onlooking.tryRead(7))).deep.equal(['store lease 3 = 8', 'load writer 7'])
    expect(operationsOf(() => onlooking.endRead())).deep.equal(['exchange lease 3 = 0'])
  })

  it('waits for nobody: where somebody writes he steps back', () => {
    const [lock] = locks(2)
    const { onlooking } = lock
    lock.write(7)
    expect(onlooking.tryRead(7)).equal(false)
    expect(onlooking.tryRead(8)).equal(true)
    onlooking.endRead()
    lock.endWrite(7)
    expect(onlooking.tryRead(7)).equal(true)
  })

  it('makes who writes wait', () => {
    const [lock] = locks(2)
    const { onlooking } = lock
    onlooking.tryRead(7)
    let waitCount = 0
    const wait = Object.getOwnPropertyDescriptor(Atomics, 'wait')!
    const comeBack = () => {
      waitCount++
      onlooking.endRead()
    }
    Object.defineProperty(Atomics, 'wait', { ...wait, value: comeBack })
    lock.write(7)
    Object.defineProperty(Atomics, 'wait', wait)
    expect(waitCount).equal(1)
  })

  it('takes no lease where there is one worker, who serves in the same thread', () => {
    const { onlooking } = locks(1)[0]
    expect(operationsOf(() => onlooking.tryRead(7))).deep.equal([])
  })
})

// ─── locks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const wordsFor = (workerCount: number, moreLength = 0): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(RwLock.regionLength(workerCount) + moreLength))

/** The views that workers have of one lock. */
function locks(workerCount: number): [RwLock, RwLock] {
  const words = wordsFor(workerCount)
  return [new RwLock(words, 0, { worker: 0, workerCount }), new RwLock(words, 0, { worker: 1, workerCount })]
}

async function hammer(workerCount: number) {
  const words = wordsFor(workerCount, (2 * STRIPES.length + 1) * 4)
  const counts = RwLock.regionLength(workerCount) / 4
  const ready = counts + 2 * STRIPES.length
  const reports = await Promise.all(
    Array.from({ length: workerCount }, async (_, worker) => {
      const runMs = RUN_MS
      const task: WorkerTask = { words, worker, workerCount, counts, stripes: STRIPES, ready, runMs }
      const thread = new Worker(new URL('./rw-lock-worker.js', import.meta.url), { workerData: task })
      const [report] = await once(thread, 'message')
      return report as WorkerReport
    }),
  )
  return { words, counts, reports }
}

/** Which atomic operations somebody does, and on which words of a lock for three workers and the onlooker. */
function operationsOf(act: () => void): string[] {
  const operations: string[] = []
  const originals = { ...Object.getOwnPropertyDescriptors(Atomics) }
  for (const name of ['store', 'load', 'exchange', 'compareExchange', 'notify'] as const) {
    const original = Atomics[name] as (...operands: unknown[]) => unknown
    const spy = (words: Int32Array, word: number, ...values: number[]) => {
      const value = values.at(-1)
      operations.push(`${name} ${nameOf(word)}${value === undefined ? '' : ` = ${value}`}`)
      return original(words, word, ...values)
    }
    Object.defineProperty(Atomics, name, { ...originals[name], value: spy })
  }
  try {
    act()
  } finally {
    Object.defineProperties(Atomics, originals)
  }
  return operations
}

const LEASE_WORDS = 16
const LEASES_LENGTH = 4 * LEASE_WORDS
const nameOf = (word: number): string =>
  word < LEASES_LENGTH ? `lease ${word / LEASE_WORDS}` : `writer ${word - LEASES_LENGTH}`
