import { once } from 'node:events'
import type { EventLoopUtilization } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { Worker as Thread } from 'node:worker_threads'
import type { NodeFigures } from '../../../gateway/node-figures.js'
import type { ListenerFacts } from '../../listening/listener-facts.js'
import type { Handle } from '../../wires/handle.js'
import type { LocalReply, LocalRequest } from '../local-requests.js'
import type { JournalTask } from '../worker-data.js'
import type { HandOver, SocketSender } from './hand-over.js'
import { ThreadCalls } from './thread-calls.js'
import { threadFile } from './thread-file.js'
import { askForProfile } from './thread-profile.js'
import type { ThreadOrder, ThreadReport, ThreadTask } from './worker-thread.js'

/** What threads are given. */
interface ThreadsTask extends Omit<ThreadTask, 'workerSlot' | 'place' | 'journal'> {
  /** By worker; none without a data directory. */
  readonly journals: readonly JournalTask[]
  /** How many start at the same time. */
  readonly threadsAtOnce: number
}

export interface ThreadsListener {
  /** A connection has ended. */
  onEnded(): void
  /** A client ends the server. */
  shutDown(): void
  /** A thread waits until all connections made by now are counted. */
  onCensus(): void
  /** A thread has ended, whether it had the order or not. */
  onExit(worker: number): void
  /** A thread has ended without an order. */
  onDeath(error: Error): void
}

/**
 * The threads that serve, as the accepting one sees them. The server needs all of them: a lock that one holds when it dies
 * stays locked, so the server cannot continue without it.
 */
export class WorkerThreads {
  /** What each worker has counted for the nodes of the engine (--gateway), as it reported last. */
  readonly engineNodes: (readonly NodeFigures[])[] = []
  private readonly threads: Thread[] = []
  private readonly senders: SocketSender[] = []
  private readonly calls = new ThreadCalls()
  private readonly listener: ThreadsListener
  private isStopping = false

  private constructor(listener: ThreadsListener) {
    this.listener = listener
  }

  /**
   * Starts threads over an initialized arena. Resolves when all of them serve. `listening` gets the sockets at which
   * the first one receives datagrams, before the others start.
   */
  static async start(
    { journals, threadsAtOnce, ...common }: ThreadsTask,
    handOver: HandOver,
    listener: ThreadsListener,
  ): Promise<WorkerThreads> {
    const threads = new WorkerThreads(listener)
    const { workerCount } = handOver
    try {
      const begin = async (worker: number): Promise<SocketSender> => {
        const { connected } = await handOver.open(worker)
        if (threads.isStopping) throw new Error('another thread has failed')
        const workerSlot = { worker, workerCount }
        const task = { ...common, workerSlot, journal: journals[worker], place: handOver.pathOf(worker) }
        const datagramsAt = await threads.add(task)
        common.listening.push(...datagramsAt)
        return connected
      }
      let next = 0
      const beginNext = async (): Promise<void> => {
        const worker = next++
        threads.senders[worker] = await begin(worker)
      }
      const beginAll = async (): Promise<void> => {
        while (next < workerCount && !threads.isStopping) await beginNext()
      }
      if (common.options.udpPort !== null) await beginNext()
      await Promise.all(Array.from({ length: threadsAtOnce }, beginAll))
    } catch (error) {
      await threads.stop()
      throw error
    } finally {
      handOver.close()
    }
    return threads
  }

  /** Sends a connection to a worker. */
  give(worker: number, socket: Handle, number: number, listener: number): void {
    this.senders[worker]!.send(socket, number, listener)
  }

  /** Has a worker run a request. */
  execute(worker: number, request: LocalRequest): Promise<LocalReply> {
    return this.calls.begin(this.threads[worker]!, request)
  }

  cpuProfile(worker: number, seconds: number, signal: AbortSignal): Promise<string | undefined> {
    return askForProfile(this.threads[worker]!, seconds, signal)
  }

  heapSnapshot(worker: number): Promise<Readable> {
    return this.threads[worker]!.getHeapSnapshot()
  }

  /** How long the event loop of each worker has been busy, and idle. */
  get utilizations(): EventLoopUtilization[] {
    return this.threads.map((thread) => thread.performance.eventLoopUtilization())
  }

  /** Makes all read again the files that may change. */
  reload(): void {
    for (const thread of this.threads) tell(thread, 'reload')
  }

  /** Whether the threads keep the process alive. */
  keepAlive(act: 'ref' | 'unref'): void {
    for (const thread of this.threads) thread[act]()
  }

  /** Ends all connections of all threads, and waits for that: then nothing changes any more. */
  async rest(): Promise<void> {
    await Promise.all(
      this.threads.map(async (thread) => {
        if (thread.threadId === -1) return
        const isIdle = new Promise<void>((resolve) => {
          thread.on('message', (report: ThreadReport) => report === 'idle' && resolve())
          thread.on('exit', () => resolve())
        })
        tell(thread, 'rest')
        await isIdle
      }),
    )
  }

  /** Makes all threads close their connections, and waits for their end. */
  async stop(): Promise<void> {
    this.isStopping = true
    await Promise.all(
      this.threads.map(async (thread) => {
        if (thread.threadId === -1) return
        tell(thread, 'stop')
        const deadline = setTimeout(() => thread.terminate(), STOP_MS_MAX)
        await once(thread, 'exit').catch(() => undefined)
        clearTimeout(deadline)
      }),
    )
    for (const sender of this.senders.splice(0)) sender.close()
  }

  /** Resolves when the thread serves, with its sockets for datagrams. */
  private add(task: ThreadTask): Promise<readonly ListenerFacts[]> {
    const thread = new Thread(threadFile('server/workers/threads/worker-thread'), {
      workerData: task,
      ...flags,
      transferList: task.journal === undefined ? [] : [task.journal.port],
    })
    this.threads.push(thread)
    const name = `worker ${task.workerSlot.worker}`
    return new Promise((resolve, reject) => {
      let isServing = false
      const die = (error: Error) => {
        reject(error)
        if (!this.isStopping) this.listener.onDeath(error)
      }
      const { onEnded: ended, shutDown, onCensus: census } = this.listener
      const heard = { ended, 'shut down': shutDown, census, idle: () => undefined }
      thread.on('message', (report: ThreadReport) => {
        if (typeof report === 'string') {
          heard[report]()
        } else if ('call' in report) {
          this.calls.finish(report)
        } else if ('engineNodes' in report) {
          this.engineNodes[task.workerSlot.worker] = report.engineNodes
        } else {
          isServing = true
          resolve(report.datagramsAt)
        }
      })
      // An error at the start of a thread is a sentence about an option or an address.
      thread.on('error', (error) =>
        die(isServing ? new Error(`${name} has failed: ${error.message}`, { cause: error }) : error),
      )
      thread.on('exit', () => {
        this.listener.onExit(task.workerSlot.worker)
        die(new Error(`${name} has ended`))
      })
    })
  }
}

const tell = (thread: Thread, order: ThreadOrder): void => thread.postMessage(order)

const STOP_MS_MAX = 600
/** Threads have the flags of the program. Named ones may be none of V8's: so they are named only without one that is not for files. */
const execArgv = process.execArgv.filter((argument) => !argument.startsWith('--input-type'))
const flags = execArgv.length < process.execArgv.length ? { execArgv } : {}
