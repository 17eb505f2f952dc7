/** What a worker thread runs: it serves the connections that the accepting thread sends it, until it gets the order to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerSlot } from '../../../arena/arena.js'
import { Arena } from '../../../arena/arena.js'
import type { NodeFigures } from '../../../gateway/node-figures.js'
import type { ServerOptions } from '../../../options/table/options.js'
import { Datagrams } from '../../datagrams/datagrams.js'
import type { ListenerFacts } from '../../listening/listener-facts.js'
import { buildWorker } from '../build-worker.js'
import { Connections } from '../connections.js'
import { loadUring } from '../load-uring.js'
import { loadWorkerData } from '../load-worker-data.js'
import { LocalRequests } from '../local-requests.js'
import { Log } from '../log.js'
import type { JournalTask } from '../worker-data.js'
import { gatewayReplyMsMax, openWorkerGateway } from '../worker-gateway.js'
import { Receiver } from './hand-over.js'
import type { ThreadAnswer, ThreadCall } from './thread-calls.js'
import { answerProfile, type ProfileOrder } from './thread-profile.js'

/** What the thread is given. */
export interface ThreadTask {
  readonly memory: Arena['memory']
  readonly itemMemories: readonly Arena['memory'][]
  readonly workerSlot: WorkerSlot
  readonly options: ServerOptions
  readonly listening: ListenerFacts[]
  /** Its part of the data directory; undefined without journals. */
  readonly journal: JournalTask | undefined
  /** Where connections come from. */
  readonly place: string
}

/**
 * Its messages: it serves, with its sockets for datagrams; it has answered a request; what it has counted for the nodes of
 * the engine; a connection has ended; a client ends the server; it waits for an exact count of connections; it has closed all connections.
 */
export type ThreadReport =
  | { readonly datagramsAt: readonly ListenerFacts[] }
  | ThreadAnswer
  | { readonly engineNodes: readonly NodeFigures[] }
  | 'ended'
  | 'shut down'
  | 'census'
  | 'idle'

/** Its orders: run a request, take a profile, read files again, close its connections, end. */
export type ThreadOrder = ThreadCall | ProfileOrder | 'reload' | 'rest' | 'stop'

/** How often the figures of the engine's nodes are reported. */
const NODES_MS = 1000

const { memory, itemMemories, workerSlot, options, listening, journal, place } = workerData as ThreadTask
const port = parentPort!
const report = (what: ThreadReport) => port.postMessage(what)

const arena = Arena.attach(memory, workerSlot, itemMemories)
const log = new Log(arena, options.verbosity)
const gateway = await openWorkerGateway(options)
const { worker, data, ringMemory } = buildWorker({
  arena,
  log,
  options,
  listening,
  gateway,
  workerData: await loadWorkerData(options),
  shutDown: () => report('shut down'),
  askForCensus: () => report('census'),
})
if (journal !== undefined) await data?.openInThread(journal)
worker.feed?.listen(data?.journal)
const { idleTimeoutSeconds } = options
const replyMsMax = gatewayReplyMsMax(options)
const onEnded = () => report('ended')
const ring = await loadUring(ringMemory, workerSlot.worker === 0 ? log : undefined)
const connections = new Connections(worker, { listening, log, idleTimeoutSeconds, replyMsMax, onEnded, ring })
const receiver = await Receiver.connect(
  place,
  (socket, number, listener) => connections.serve(socket, number, listener),
  () => {
    worker.table.counts.decrement()
    report('ended')
  },
)
// One of the threads receives the datagrams.
const datagrams = workerSlot.worker === 0 ? await Datagrams.open(worker, options) : undefined
const datagramsAt = datagrams?.facts ?? []
listening.push(...datagramsAt)

// Only the admin listener, which is in another thread, reads them there.
const reportNodes = (): void => report({ engineNodes: gateway!.nodes() })
const nodesTimer =
  gateway === undefined || options.admin === null ? undefined : setInterval(reportNodes, NODES_MS).unref()

async function rest(): Promise<void> {
  clearInterval(nodesTimer)
  receiver.close()
  await Promise.all([connections.end(), datagrams?.close()])
  gateway?.close()
}

const local = new LocalRequests(worker)

async function answer({ call, request }: ThreadCall): Promise<void> {
  const reply = await local.execute(request)
  const message: ThreadAnswer = { call, reply }
  port.postMessage(message, reply.value === undefined ? [] : [reply.value.buffer as ArrayBuffer])
}

let resting: Promise<void> | undefined
port.on('message', async (order: ThreadOrder) => {
  if (typeof order === 'object') return 'call' in order ? answer(order) : answerProfile(order)
  if (order === 'reload') {
    worker.reload()
    return
  }
  resting ??= rest()
  await resting
  if (order === 'rest') report('idle')
  else port.close()
})
report({ datagramsAt })
if (nodesTimer !== undefined) reportNodes()
