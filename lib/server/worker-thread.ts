/** What a worker thread runs: it serves the connections that the accepting thread gives it, until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import { Arena } from '../arena/arena.js'
import type { Seat } from '../arena/seat.js'
import { buildWorker } from './build-worker.js'
import { Connections } from './connections.js'
import { Receiver } from './hand-over.js'
import type { ListenerFacts } from './listener-facts.js'
import type { ServerOptions } from './options.js'

/** What the thread is given. */
export interface ThreadTask {
  readonly memory: Arena['memory']
  readonly seat: Seat
  readonly options: ServerOptions
  readonly listening: readonly ListenerFacts[]
  /** Where connections come from. */
  readonly place: string
}

/** What it says: that it serves, and that a connection has ended. */
export type ThreadReport = 'ready' | 'ended'

/** What it is told. */
export type ThreadOrder = 'stop'

const { memory, seat, options, listening, place } = workerData as ThreadTask
const port = parentPort!
const report = (what: ThreadReport) => port.postMessage(what)

const worker = buildWorker(Arena.attach(memory, seat), options, listening)
const { verbosity } = options
const connections = new Connections(worker, { listening, verbosity, onEnded: () => report('ended') })
const receiver = await Receiver.connect(place, (socket, number, listener) =>
  connections.serve(socket, number, listener),
)
port.on('message', async (_: ThreadOrder) => {
  receiver.close()
  await connections.end()
  port.close()
})
report('ready')
