import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { cpuSeconds } from '../support/usage.js'
import { arenaFor, engineOver } from './engine.js'
import type { Mix } from './mixes.js'
import type { StoreTask, ThreadRun } from './store-thread.js'

/** Requests of all threads together. */
export interface StoreRun {
  readonly perSecond: number
  /** If each thread had its own core all the time. */
  readonly perCpuSecond: number
}

/** This many threads over one store. */
export class StoreWorkers {
  private readonly threads: readonly Worker[]

  private constructor(threads: readonly Worker[]) {
    this.threads = threads
  }

  static async start(workerCount: number, mix: Mix): Promise<StoreWorkers> {
    const arena = arenaFor(workerCount)
    engineOver(arena)
    const { memory } = arena
    const threads = Array.from({ length: workerCount }, (_, worker) => {
      const task: StoreTask = { memory, workerSlot: { worker, workerCount }, mix }
      return new Worker(new URL('./store-thread.js', import.meta.url), { workerData: task })
    })
    await Promise.all(threads.map((thread) => once(thread, 'message')))
    return new StoreWorkers(threads)
  }

  async run(seconds: number): Promise<StoreRun> {
    const cpuBefore = cpuSeconds(process.pid)
    const answers = this.threads.map((thread) => once(thread, 'message'))
    for (const thread of this.threads) thread.postMessage(seconds)
    const runs = ((await Promise.all(answers)) as [ThreadRun][]).flat()
    const count = runs.reduce((sum, run) => sum + run.count, 0)
    return {
      perSecond: runs.reduce((sum, run) => sum + run.count / run.seconds, 0),
      perCpuSecond: (count / (cpuSeconds(process.pid) - cpuBefore)) * this.threads.length,
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()))
  }
}
