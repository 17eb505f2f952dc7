import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { EngineDriver } from '../support/engine-driver.js'
import { Random } from '../support/random.js'
import { checkInvariants } from '../support/store-invariants.js'
import type { WorkersReport, WorkersTask } from './workers-task.js'

const MEGABYTE = 1024 * 1024
const STEP_COUNT = Number(process.env['RUNS'] ?? 6000)

type Load = Pick<WorkersTask, 'memoryLength' | 'keyCount' | 'valueLengthMax' | 'fits' | 'flushes'>

const LOADS: readonly (readonly [title: string, load: Load])[] = [
  [
    'with room for everything, and little to spare',
    { memoryLength: 8 * MEGABYTE, keyCount: 4000, valueLengthMax: 4000, fits: true, flushes: false },
  ],
  [
    'with far too little memory, long values among the short',
    { memoryLength: 8 * MEGABYTE, keyCount: 20_000, valueLengthMax: 200_000, fits: false, flushes: false },
  ],
  [
    'with a few keys that all want, and flushes',
    { memoryLength: 4 * MEGABYTE, keyCount: 12, valueLengthMax: 100_000, fits: false, flushes: true },
  ],
]

for (const workerCount of [2, 4])
  for (const [title, load] of LOADS)
    describe(`a store under ${workerCount} workers, ${title},`, function () {
      this.timeout(120_000)
      this.slow(20_000)
      const { seed } = new Random()

      it(`never shows a change in part, and loses nothing (seed ${seed})`, async () => {
        const first = firstWorker(load, workerCount)
        const reports = await Promise.all(
          Array.from({ length: workerCount }, (_, worker) => run(first, load, worker, seed + worker)),
        )
        expect(reports.flatMap(({ faults }) => faults)).deep.equal([])
        if (load.fits) expectTotals(first, reports)
        checkInvariants(first.arena.words, first.store)
      })
    })

function firstWorker({ memoryLength }: Load, workerCount: number): EngineDriver {
  const arena = EngineDriver.createArena(memoryLength, workerCount)
  const driver = new EngineDriver(memoryLength, true, memoryLength / 2, arena)
  for (const counter of ['counter:0', 'counter:1', 'cas']) driver.set(counter, Buffer.from('0'))
  driver.set('list', Buffer.alloc(0))
  return driver
}

async function run(first: EngineDriver, load: Load, worker: number, seed: number): Promise<WorkersReport> {
  const { memory, workerSlot } = first.arena
  const task: WorkersTask = {
    ...load,
    memory,
    workerSlot: { worker, workerCount: workerSlot.workerCount },
    seed,
    stepCount: STEP_COUNT,
  }
  const thread = new Worker(new URL('./workers-task.js', import.meta.url), { workerData: task })
  const [report] = await once(thread, 'message')
  return report as WorkersReport
}

/** Each increment, each won cas and each append is there, once. */
function expectTotals(driver: EngineDriver, reports: readonly WorkersReport[]): void {
  const total = (pick: (report: WorkersReport) => number): number =>
    reports.reduce((sum, report) => sum + pick(report), 0)
  const numberAt = (key: string): number => Number(`${driver.get(key)?.value}`)
  expect(numberAt('counter:0') + numberAt('counter:1')).equal(total(({ added }) => added))
  expect(numberAt('cas')).equal(total(({ wonCount }) => wonCount))
  const entries = `${driver.get('list')?.value}`.split(';').slice(0, -1)
  expect(entries).to.have.length(total(({ appendedCount }) => appendedCount))
  reports.forEach(({ appendedCount }, worker) => {
    const own = entries.filter((entry) => entry.startsWith(`${worker}:`))
    expect(own, 'in the order of their worker').deep.equal(
      Array.from({ length: appendedCount }, (_, count) => `${worker}:${count}`),
    )
  })
}
