import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { nextMessage, SERVER_CORE, startProcess, stopProcess } from './processes.js'
import type { ServerKind } from './server-kinds.js'

export interface ServerNeeds {
  readonly memoryMegabytes: number
  /** Connections of the load. */
  readonly connectionCount: number
  readonly options?: readonly string[]
  /** A module that a server on Node preloads, and that answers requests of the bench (answer-bench.ts). */
  readonly observer?: URL
  /** How long it may take until it listens, if it loads items first. */
  readonly startMsMax?: number
}

export const HOST = '127.0.0.1'

/** Connections beside those of the load: the bench's own. */
const SPARE_CONNECTIONS = 50
const START_MS_MAX = 10_000
const POLL_MS = 20

/** A server on a free port, of one worker unless its kind says otherwise. */
export class Server {
  readonly port: number
  private readonly child: ChildProcess
  private hasObserver = false

  private constructor(child: ChildProcess, port: number) {
    this.child = child
    this.port = port
    child.once('message', () => {
      this.hasObserver = true
    })
  }

  static async start(kind: ServerKind, needs: ServerNeeds): Promise<Server> {
    const port = await freePort()
    const connectionCountMax = needs.connectionCount + SPARE_CONNECTIONS
    const { threadCount } = kind
    const given = {
      '-p': port,
      '-t': threadCount ?? 1,
      '-m': needs.memoryMegabytes,
      '-c': connectionCountMax,
    }
    const options = [...Object.entries(given).flat().map(String), ...(needs.options ?? [])]
    const command = [...kind.command, '-l', HOST, ...options]
    const core = threadCount === undefined ? SERVER_CORE : undefined
    const child = startProcess(command, core, environmentWith(needs.observer))
    const server = new Server(child, port)
    const complaint = `${kind.name} does not start: ${kind.command.join(' ')}`
    await untilListening(child, port, complaint, needs.startMsMax)
    return server
  }

  get pid(): number {
    return this.child.pid!
  }

  /** The reply of the observer; undefined without one, as in a server that does not run on Node. */
  async ask(): Promise<unknown> {
    if (!this.hasObserver) return undefined
    this.child.send('tell')
    return await nextMessage(this.child)
  }

  stop(): Promise<void> {
    return stopProcess(this.child)
  }
}

/** Resolves once the process accepts connections on the port. Rejects with this sentence if it ends, or takes too long. */
export async function untilListening(
  child: ChildProcess,
  port: number,
  complaint: string,
  msMax = START_MS_MAX,
): Promise<void> {
  const deadline = Date.now() + msMax
  while (!(await accepts(port))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null
    if (hasEnded || Date.now() > deadline) throw new Error(complaint)
    await sleep(POLL_MS)
  }
}

/** Node servers read this variable, which others ignore, so that `--command` is independent of it. */
function environmentWith(observer: URL | undefined): NodeJS.ProcessEnv {
  if (observer === undefined) return process.env
  return { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${observer}` }
}

export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, HOST)
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, HOST)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
