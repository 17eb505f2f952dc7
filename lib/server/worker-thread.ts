/** What a worker thread runs: it serves the connections that the accepting thread gives it, until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import { Arena } from '../arena/arena.js'
import type { Seat } from '../arena/seat.js'
import { buildWorker } from './build-worker.js'
import { Connections } from './connections.js'
import { Datagrams } from './datagrams.js'
import { Receiver } from './hand-over.js'
import type { ListenerFacts } from './listener-facts.js'
import { Log } from './log.js'
import type { ServerOptions } from './options.js'

/** What the thread is given. */
export interface ThreadTask {
  readonly memory: Arena['memory']
  readonly seat: Seat
  readonly options: ServerOptions
  readonly listening: ListenerFacts[]
  /** Where connections come from. */
  readonly place: string
}

/** What it says: that it serves, and where it takes datagrams; that a connection has ended, that a client wants the server to end. */
export type ThreadReport = { readonly datagramsAt: readonly ListenerFacts[] } | 'ended' | 'shut down'

/** What it is told. */
export type ThreadOrder = 'stop' | 'reload'

const { memory, seat, options, listening, place } = workerData as ThreadTask
const port = parentPort!
const report = (what: ThreadReport) => port.postMessage(what)

const arena = Arena.attach(memory, seat)
const log = new Log(arena, options.verbosity)
const worker = buildWorker({ arena, log, options, listening, shutDown: () => report('shut down') })
const { idleTimeoutSeconds } = options
const onEnded = () => report('ended')
const connections = new Connections(worker, { listening, log, idleTimeoutSeconds, onEnded })
const receiver = await Receiver.connect(
  place,
  (socket, number, listener) => connections.serve(socket, number, listener),
  () => {
    worker.table.discount()
    report('ended')
  },
)
// One of the threads takes the datagrams.
const datagrams = seat.worker === 0 ? await Datagrams.open(worker, options) : undefined
const datagramsAt = datagrams?.facts ?? []
listening.push(...datagramsAt)
port.on('message', async (order: ThreadOrder) => {
  if (order === 'reload') {
    worker.reload()
    return
  }
  receiver.close()
  await Promise.all([connections.end(), datagrams?.close()])
  port.close()
})
report({ datagramsAt })
