/** What the specs of `keepcached/net` share: handlers that note what happens, and peers without the framework. */
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as netConnect, type Socket } from 'node:net'
import type { Connection, Handlers } from '../../lib/net/index.js'

/** Notes all events as words, such as `message hello`, `error ECONNREFUSED`, `close closed`. */
export class Recorder implements Handlers<string> {
  readonly events: string[] = []
  readonly errors: Error[] = []
  private readonly waiting: { readonly isThere: () => boolean; readonly resolve: () => void }[] = []

  onConnect(_connection: Connection<string>): void {
    this.note('connect')
  }
  onMessage(message: string, _connection: Connection<string>): void {
    this.note(`message ${message}`)
  }
  onDrain(_connection: Connection<string>): void {
    this.note('drain')
  }
  onError(error: Error & { code?: string }, _connection: Connection<string>): void {
    this.errors.push(error)
    this.note(`error ${error.code ?? error.message}`)
  }
  onClose(connection: Connection<string>, error?: Error & { code?: string }): void {
    this.note(['close', connection.state, ...(error ? [error.code ?? error.message] : [])].join(' '))
  }

  /** Resolves when the event has happened so many times. */
  async sees(event: string, count = 1): Promise<void> {
    const isThere = (): boolean => this.countOf(event) >= count
    if (!isThere()) await new Promise<void>((resolve) => this.waiting.push({ isThere, resolve }))
  }

  countOf(event: string): number {
    return this.events.filter((each) => each === event).length
  }

  get messages(): string[] {
    return this.events.flatMap((event) => (event.startsWith('message ') ? [event.slice(8)] : []))
  }

  private note(event: string): void {
    this.events.push(event)
    for (const { isThere, resolve } of this.waiting) if (isThere()) resolve()
  }
}

type Cleaning = () => unknown

/** Returns a function for what has to be closed after the spec that opened it. */
export function closing(): (cleaning: Cleaning) => void {
  const cleanings: Cleaning[] = []
  afterEach(async () => {
    for (const cleaning of cleanings.splice(0).reverse()) await cleaning()
  })
  return (cleaning) => cleanings.push(cleaning)
}

export interface RawServer {
  readonly port: number
  /** In the order of their arrival. */
  readonly sockets: Socket[]
  readonly socket: (index?: number) => Promise<Socket>
  readonly close: () => Promise<void>
}

/** A server of Node, for what a listener does not do. */
export async function rawServer(onSocket: (socket: Socket) => void = () => undefined): Promise<RawServer> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    socket: async (index = 0) => {
      while (sockets.length <= index) await once(server, 'connection')
      return sockets[index]!
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

export async function rawClient(port: number): Promise<Socket> {
  const socket = netConnect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** All text that arrives until the peer ends. */
export async function textUntilEnd(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'end')
  return text
}

/** Resolves when the text is all that has arrived. */
export async function receives(socket: Socket, wanted: string): Promise<void> {
  let text = ''
  while (text !== wanted) {
    const [chunk] = await once(socket, 'data')
    text += chunk
  }
}
