import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A server whose replies a spec writes by hand. */
export class ScriptedServer {
  readonly sockets: Socket[] = []
  /** All that has arrived, over all connections. */
  received = ''
  private readonly server: Server
  private readonly waiting: (() => void)[] = []

  private constructor(onSocket: (socket: Socket) => void) {
    this.server = createServer((socket) => {
      this.sockets.push(socket)
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        this.received += chunk.toString('latin1')
        for (const wake of this.waiting.splice(0)) wake()
      })
      onSocket(socket)
    })
  }

  /** Handles each new connection by `onSocket`. */
  static async start(onSocket: (socket: Socket) => void = () => {}, port = 0): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(onSocket)
    scripted.server.listen(port, '127.0.0.1')
    await once(scripted.server, 'listening')
    return scripted
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get name(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Resolves when so many lines have arrived in all. */
  async untilLines(count: number): Promise<void> {
    while (this.received.split('\r\n').length - 1 < count) {
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }
}

/** Replies to each line of a text connection, by what `reply` returns for it. */
export function replyToLines(
  reply: (line: string, socket: Socket) => string | undefined,
): (socket: Socket) => void {
  return (socket) => {
    let rest = ''
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n')
      rest = lines.pop()!
      for (const line of lines) {
        const text = reply(line, socket)
        if (text !== undefined && socket.writable) socket.write(text, 'latin1')
      }
    })
  }
}
