import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { RwLock } from '../../lib/store/lock/rw-lock.js'
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
    const [first, second, arenas] = locks(3)
    const operations = operationsOn(arenas, () => {
      inPlaceOfSleep(() => expect.fail('no worker has to wait'))
      first.read(7)
      second.read(7)
      second.endRead()
      second.write(8)
      second.endWrite(8)
      first.endRead()
      second.write(7)
      second.endWrite(7)
    })
    expect(operations).deep.equal([
      'leaseStripe lease 0 = 8, writer 7',
      'leaseStripe lease 1 = 8, writer 7',
      'giveBack lease 1',
      'claimStripe writer 8 = 2, lease 0 to 3 = 9?',
      'giveBack writer 8',
      'giveBack lease 0',
      'claimStripe writer 7 = 2, lease 0 to 3 = 8?',
      'giveBack writer 7',
    ])
  })

  it('is locked as a whole from the first stripe to the last, and nobody else gets one meanwhile', () => {
    const [first, second, arenas] = locks(3)
    const operations = operationsOn(arenas, () => first.writeAll())
    expect(operations.map((operation) => operation.split(' ').slice(0, 3).join(' '))).deep.equal(
      Array.from({ length: 256 }, (_, stripe) => `claimStripe writer ${stripe}`),
    )
    expect([0, 100, 255].map((stripe) => second.onlooking.tryRead(stripe))).deep.equal([false, false, false])
    first.endWriteAll()
    operationsOn(arenas, () => {
      inPlaceOfSleep(() => expect.fail('no worker has to wait'))
      for (const stripe of [0, 100, 255]) {
        second.write(stripe)
        second.endWrite(stripe)
      }
    })
  })

  it('is not used by a single worker: it never waits and its words do not change', () => {
    const arena = arenaFor(1)
    const lock = new RwLock(arena)
    const words = rwLock(arena)
    words.fill(99)
    lock.read(7)
    lock.write(7)
    lock.endWrite(7)
    lock.endRead()
    expect(words.every((word) => word === 99)).equal(true)
  })

  for (const workerCount of [2, 4])
    it(`holds with ${workerCount} threads that use three stripes at full speed`, async function () {
      this.slow(3 * RUN_MS)
      const { arena, counts, reports } = await hammer(workerCount)
      for (const { readCount, tornCount } of reports) {
        expect(readCount).greaterThan(0)
        expect(tornCount, 'reads that saw half of a change').equal(0)
      }
      STRIPES.forEach((_, index) => {
        const written = reports.reduce((sum, { writeCounts }) => sum + writeCounts[index]!, 0)
        expect(arena.words.slice(counts + 2 * index, counts + 2 * index + 2)).deep.equal(
          Int32Array.of(written, written),
        )
      })
      const held = rwLock(arena).filter((word) => word !== 0)
      expect(held, 'words of the lock that are still taken').to.have.length(0)
    })
})

describe('the protocol of the read-write lock, in every order of steps of two readers and two writers,', function () {
  this.slow(20_000)
  let walk: Walk

  before(() => {
    walk = everyWorld([reader, reader, writerOf(0), writerOf(0)])
  })

  it('never admits a reader beside a writer, nor two writers into one stripe', () => {
    expect(walk.worlds.filter(isBroken)).deep.equal([])
    const isShared = ({ workers }: World) => workers.every(({ at }, worker) => worker > 1 || at === 'reading')
    expect(walk.worlds.some(isShared), 'both readers may read at once').equal(true)
  })

  it('never lets a worker sleep that could run, and never reaches a deadlock', () => {
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

  it('would break if a reader looked before it leased, and the walk finds it', () => {
    const hasty = everyWorld([hastyReader, reader, writerOf(0)])
    expect(hasty.worlds.some(isBroken)).equal(true)
  })

  for (const [fault, machine] of [
    ['slept without a mark', deafWriterOf(0)],
    ['woke nobody', silentWriterOf(0)],
  ] as const)
    it(`would leave a worker asleep if a writer ${fault}, and the walk finds it`, () => {
      const isAwake = ({ workers }: World) => workers.every(({ at }) => at !== 'asleep')
      expect(worldsWithoutWayTo(everyWorld([machine, writerOf(0)]), isAwake)).not.empty
    })

  it('is the one that the lock implements', () => {
    const [lock, other, arenas] = locks(3)
    const operationsOf = (act: () => void) => operationsOn(arenas, act)
    expect(operationsOf(() => lock.read(7))).deep.equal(['leaseStripe lease 0 = 8, writer 7'])
    expect(operationsOf(() => lock.endRead())).deep.equal(['giveBack lease 0'])
    const taken = ['claimStripe writer 7 = 1, lease 0 to 3 = 8?']
    expect(operationsOf(() => lock.write(7))).deep.equal(taken)
    expect(operationsOf(() => lock.endWrite(7))).deep.equal(['giveBack writer 7'])
    other.read(7)
    const leased = operationsOf(() => {
      inPlaceOfSleep(() => other.endRead())
      lock.write(7)
    })
    expect(leased.slice(0, 4)).deep.equal([...taken, 'load lease 0', 'load lease 1', 'load lease 1'])
    expect(leased.slice(-6)).deep.equal([
      'compareExchange lease 1 = 32776',
      'giveBack lease 1',
      'notify lease 1',
      'load lease 1',
      'load lease 2',
      'load lease 3',
    ])
    const waited = operationsOf(() => {
      inPlaceOfSleep(() => lock.endWrite(7))
      other.write(7)
    })
    const marking = waited.indexOf('compareExchange writer 7 = 32769')
    expect(waited.slice(marking, marking + 4)).deep.equal([
      'compareExchange writer 7 = 32769',
      'giveBack writer 7',
      'notify writer 7',
      'claimStripe writer 7 = 2, lease 0 to 3 = 8?',
    ])
  })
})

describe('the onlooker at the lock', () => {
  it('reads with a lease of its own, behind those of the workers', () => {
    const [{ onlooking }, , arenas] = locks(3)
    expect(operationsOn(arenas, () => onlooking.tryRead(7))).deep.equal(['leaseStripe lease 3 = 8, writer 7'])
    expect(operationsOn(arenas, () => onlooking.endRead())).deep.equal(['giveBack lease 3'])
  })

  it('never waits for a worker: it retreats where one writes', () => {
    const [lock] = locks(2)
    const { onlooking } = lock
    lock.write(7)
    expect(onlooking.tryRead(7)).equal(false)
    expect(onlooking.tryRead(8)).equal(true)
    onlooking.endRead()
    lock.endWrite(7)
    expect(onlooking.tryRead(7)).equal(true)
  })

  it('makes writers wait', () => {
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

  it('takes no lease with one worker, which serves in the same thread', () => {
    const arena = arenaFor(1)
    const { onlooking } = new RwLock(arena)
    expect(operationsOn([arena], () => onlooking.tryRead(7))).deep.equal([])
  })
})

// ─── locks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const arenaFor = (workerCount: number, moreLength = 0): Arena =>
  Arena.create(RwLock.regionLength(workerCount) + moreLength, workerCount)

/** The lock is the first region of its arena. */
function rwLock({ words, workerSlot }: Arena): Int32Array {
  return words.subarray(LOCK_START / 4, (LOCK_START + RwLock.regionLength(workerSlot.workerCount)) / 4)
}

/** The views that two workers have of one lock, and of its arena. */
function locks(workerCount: number): [RwLock, RwLock, Arena[]] {
  const first = arenaFor(workerCount)
  const second = Arena.attach(first.memory, { worker: 1, workerCount })
  return [new RwLock(first), new RwLock(second), [first, second]]
}

async function hammer(workerCount: number) {
  const arena = arenaFor(workerCount, 1024)
  const counts = (LOCK_START + RwLock.regionLength(workerCount)) / 4
  const ready = counts + 2 * STRIPES.length
  const { memory } = arena
  const reports = await Promise.all(
    Array.from({ length: workerCount }, async (_, worker) => {
      const workerSlot = { worker, workerCount }
      const task: WorkerTask = { memory, workerSlot, counts, stripes: STRIPES, ready, runMs: RUN_MS }
      const thread = new Worker(new URL('./rw-lock-worker.js', import.meta.url), { workerData: task })
      const [report] = await once(thread, 'message')
      return report as WorkerReport
    }),
  )
  return { arena, counts, reports }
}

/** The operations on the words of a lock for three and the onlooker, by the kernel of these arenas or by Atomics. */
function operationsOn(arenas: readonly Arena[], act: () => void): string[] {
  const operations: string[] = []
  const originals = { ...Object.getOwnPropertyDescriptors(Atomics) }
  for (const name of ['load', 'compareExchange', 'notify'] as const) {
    const original = Atomics[name] as (...operands: unknown[]) => unknown
    const spy = (words: Int32Array, word: number, ...values: number[]) => {
      const value = values.at(-1)
      operations.push(`${name} ${nameOf(word * 4)}${value === undefined ? '' : ` = ${value}`}`)
      return original(words, word, ...values)
    }
    Object.defineProperty(Atomics, name, { ...originals[name], value: spy })
  }
  const kernels = arenas.map(({ leaseStripe, claimStripe, giveBack }) => ({
    leaseStripe,
    claimStripe,
    giveBack,
  }))
  arenas.forEach((arena, index) => {
    const kernel = kernels[index]!
    const spies: typeof kernel = {
      leaseStripe(lease, stripe, writer) {
        operations.push(`leaseStripe ${nameOf(lease)} = ${stripe}, ${nameOf(writer)}`)
        return kernel.leaseStripe(lease, stripe, writer)
      },
      claimStripe(writer, owner, leases, end, stripe) {
        const last = (end - LOCK_START) / LEASE_LENGTH - 1
        operations.push(`claimStripe ${nameOf(writer)} = ${owner}, ${nameOf(leases)} to ${last} = ${stripe}?`)
        return kernel.claimStripe(writer, owner, leases, end, stripe)
      },
      giveBack(word) {
        operations.push(`giveBack ${nameOf(word)}`)
        return kernel.giveBack(word)
      },
    }
    Object.assign(arena, spies)
  })
  try {
    act()
  } finally {
    Object.defineProperties(Atomics, originals)
    arenas.forEach((arena, index) => {
      Object.assign(arena, kernels[index])
    })
  }
  return operations
}

/** What others do while a worker sleeps. To be called within `operationsOn`, which undoes it. */
function inPlaceOfSleep(act: () => void): void {
  const wait = Object.getOwnPropertyDescriptor(Atomics, 'wait')
  Object.defineProperty(Atomics, 'wait', { ...wait, value: act })
}

const LOCK_START = 64
const LEASE_LENGTH = 64
const STRIPE_LENGTH = 16
const STRIPES_START = LOCK_START + 4 * LEASE_LENGTH
const nameOf = (offset: number): string =>
  offset < STRIPES_START
    ? `lease ${(offset - LOCK_START) / LEASE_LENGTH}`
    : `writer ${(offset - STRIPES_START) / STRIPE_LENGTH}`
