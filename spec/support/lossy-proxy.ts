import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Passes bytes between clients and a server of this machine, until it is told to lose what the server replies, or to be slow. */
export class LossyProxy {
  /** The next reply ends its connection, and does not arrive. */
  losesNext = false
  /** Of replies, so many bytes are passed on at a time, twenty times a second. */
  pieceLength = Number.POSITIVE_INFINITY
  private readonly listener: Server
  private readonly sockets = new Set<Socket>()

  private constructor(port: number) {
    this.listener = createServer((client) => this.pass(client, connect(port, '127.0.0.1')))
  }

  static async before(port: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(port)
    proxy.listener.listen(0, '127.0.0.1')
    await once(proxy.listener, 'listening')
    return proxy
  }

  get uri(): string {
    return `redis://127.0.0.1:${(this.listener.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.listener.close()
    await once(this.listener, 'close')
  }

  private pass(client: Socket, server: Socket): void {
    const end = (): void => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.sockets.add(socket)
      socket.on('error', end)
      socket.on('close', end)
    }
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => {
      if (!this.losesNext) {
        if (Number.isFinite(this.pieceLength)) void this.passSlowly(bytes, server, client)
        else client.write(bytes)
        return
      }
      this.losesNext = false
      end()
    })
  }

  private async passSlowly(bytes: Buffer, server: Socket, client: Socket): Promise<void> {
    server.pause()
    for (let at = 0; at < bytes.length && !client.destroyed; at += this.pieceLength) {
      client.write(bytes.subarray(at, at + this.pieceLength))
      await sleep(PIECE_MS)
    }
    server.resume()
  }
}

const PIECE_MS = 50
