import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { arenaFor, engineOver } from './engine.js'
import type { Mix } from './mixes.js'
import type { StoreTask } from './store-thread.js'

/** So many threads over one store. */
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
      const task: StoreTask = { memory, seat: { worker, workerCount }, mix }
      return new Worker(new URL('./store-thread.js', import.meta.url), { workerData: task })
    })
    await Promise.all(threads.map((thread) => once(thread, 'message')))
    return new StoreWorkers(threads)
  }

  /** Requests per second of all threads together. */
  async run(seconds: number): Promise<number> {
    const answers = this.threads.map((thread) => once(thread, 'message'))
    for (const thread of this.threads) thread.postMessage(seconds)
    const rates = (await Promise.all(answers)) as [number][]
    return rates.reduce((sum, [rate]) => sum + rate, 0)
  }

  async stop(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()))
  }
}
