import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOST } from './exchange.js'
import { nextMessage, SERVER_CORE, startProcess, stopProcess } from './processes.js'

/** Which server it is. Both take memcached's options. */
export interface ServerKind {
  readonly name: string
  readonly command: readonly string[]
}

/** Room for every scenario's keys several times over: nothing is evicted. */
const MEMORY_MEGABYTES = 256
/** Connections beside those of the load: the bench's own. */
const SPARE_CONNECTIONS = 50
const START_MS_MAX = 10_000
const POLL_MS = 20

/** Node servers are told in this way, which others ignore, so that `--command` needs to know nothing of it. */
const COUNT_COLLECTIONS = `--import=${new URL('./count-collections.js', import.meta.url)}`

/** A server of one worker on a free port. */
export class Server {
  readonly port: number
  private readonly child: ChildProcess
  private countsCollections = false

  private constructor(child: ChildProcess, port: number) {
    this.child = child
    this.port = port
    child.once('message', () => {
      this.countsCollections = true
    })
  }

  static async start(kind: ServerKind, connectionCount: number): Promise<Server> {
    const port = await freePort()
    const connectionCountMax = connectionCount + SPARE_CONNECTIONS
    const options = ['-l', HOST, '-p', port, '-t', 1, '-m', MEMORY_MEGABYTES, '-c', connectionCountMax].map(
      String,
    )
    const child = startProcess([...kind.command, ...options], SERVER_CORE, {
      ...process.env,
      NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${COUNT_COLLECTIONS}`,
    })
    const server = new Server(child, port)
    await server.listening(kind)
    return server
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Young collections since the start, if the server runs on Node. */
  async collectionCount(): Promise<number | undefined> {
    if (!this.countsCollections) return undefined
    this.child.send('count')
    return Number(await nextMessage(this.child))
  }

  stop(): Promise<void> {
    return stopProcess(this.child)
  }

  private async listening(kind: ServerKind): Promise<void> {
    const deadline = Date.now() + START_MS_MAX
    while (!(await accepts(this.port))) {
      const hasEnded = this.child.exitCode !== null || this.child.signalCode !== null
      if (hasEnded || Date.now() > deadline)
        throw new Error(`${kind.name} does not start: ${kind.command.join(' ')}`)
      await sleep(POLL_MS)
    }
  }
}

async function freePort(): Promise<number> {
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
