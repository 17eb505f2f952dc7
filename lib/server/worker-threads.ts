import { once } from 'node:events'
import { Worker as Thread } from 'node:worker_threads'
import type { Arena } from '../arena/arena.js'
import { HandOver, type Sender } from './hand-over.js'
import type { ListenerFacts } from './listener-facts.js'
import type { ServerOptions } from './options.js'
import type { Handle } from './wires/handle.js'
import type { ThreadOrder, ThreadReport, ThreadTask } from './worker-thread.js'

/**
 * The threads that serve, seen from the one that accepts. None of them may be missing: what one holds locked when it dies
 * stays locked, so the server cannot go on without it.
 */
export class WorkerThreads {
  private readonly threads: Thread[] = []
  private readonly senders: Sender[] = []
  private readonly onEnded: () => void
  private readonly onDeath: (error: Error) => void
  private isStopping = false

  private constructor(onEnded: () => void, onDeath: (error: Error) => void) {
    this.onEnded = onEnded
    this.onDeath = onDeath
  }

  /**
   * Starts a thread for each seat of an arena that is set up. `onDeath` hears of one that ends before it is told to. To
   * `listening` is added where the first one takes datagrams, before the others are told of it.
   */
  static async start(
    arena: Arena,
    options: ServerOptions,
    listening: ListenerFacts[],
    onEnded: () => void,
    onDeath: (error: Error) => void,
  ): Promise<WorkerThreads> {
    const { memory, seat } = arena
    const threads = new WorkerThreads(onEnded, onDeath)
    const handOver = new HandOver()
    try {
      const begin = async (worker: number): Promise<Sender> => {
        const { connected } = await handOver.open(worker)
        const { workerCount } = seat
        const place = handOver.pathOf(worker)
        const task = { memory, seat: { worker, workerCount }, options, listening, place }
        listening.push(...(await threads.add(task)))
        return connected
      }
      const first = begin(0)
      if (options.udpPort !== null) await first
      const others = Array.from({ length: seat.workerCount - 1 }, (_, index) => begin(index + 1))
      threads.senders.push(...(await Promise.all([first, ...others])))
    } catch (error) {
      await threads.stop()
      throw error
    } finally {
      handOver.close()
    }
    return threads
  }

  /** Gives a connection to a worker. */
  give(worker: number, socket: Handle, number: number, listener: number): void {
    this.senders[worker]!.send(socket, number, listener)
  }

  /** Lets all threads end their connections, and waits for them. */
  async stop(): Promise<void> {
    this.isStopping = true
    await Promise.all(
      this.threads.map(async (thread) => {
        if (thread.threadId === -1) return
        thread.postMessage('stop' satisfies ThreadOrder)
        const deadline = setTimeout(() => thread.terminate(), STOP_MS_MAX)
        await once(thread, 'exit').catch(() => undefined)
        clearTimeout(deadline)
      }),
    )
    for (const sender of this.senders.splice(0)) sender.close()
  }

  /** The promise is that the thread serves; and where it takes datagrams. */
  private add(task: ThreadTask): Promise<readonly ListenerFacts[]> {
    const thread = new Thread(new URL('./worker-thread.js', import.meta.url), { workerData: task })
    this.threads.push(thread)
    const name = `worker ${task.seat.worker}`
    return new Promise((resolve, reject) => {
      let isServing = false
      const die = (error: Error) => {
        reject(error)
        if (!this.isStopping) this.onDeath(error)
      }
      thread.on('message', (report: ThreadReport) => {
        if (report === 'ended') {
          this.onEnded()
        } else {
          isServing = true
          resolve(report.datagramsAt)
        }
      })
      // What keeps a thread from beginning is a sentence about an option or an address.
      thread.on('error', (error) =>
        die(isServing ? new Error(`${name} has failed: ${error.message}`, { cause: error }) : error),
      )
      thread.on('exit', () => die(new Error(`${name} has ended`)))
    })
  }
}

const STOP_MS_MAX = 600
