import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a client and a server, and cuts connections when a spec says so. */
export class CuttingProxy {
  /** How many connections there were. */
  connectionCount = 0
  /** Nobody gets through. */
  isDown = false
  /** After so many bytes from the server a connection is cut; asked for each one. */
  bytesUntilCut = (): number => Number.POSITIVE_INFINITY
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  private constructor(port: number) {
    this.server = createServer((socket) => {
      if (this.isDown) socket.destroy()
      else this.pass(socket, connect(port, '127.0.0.1'))
    })
  }

  static async start(port: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port)
    proxy.server.listen(0, '127.0.0.1')
    await once(proxy.server, 'listening')
    return proxy
  }

  get name(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    this.server.close()
    await once(this.server, 'close')
  }

  private pass(client: Socket, server: Socket): void {
    this.connectionCount++
    let left = this.bytesUntilCut()
    const close = (): void => {
      for (const socket of [client, server]) {
        this.sockets.delete(socket)
        socket.destroy()
      }
    }
    for (const socket of [client, server]) {
      this.sockets.add(socket)
      socket.on('error', close).on('close', close)
    }
    client.pipe(server)
    server.on('data', (chunk: Buffer) => {
      const passed = chunk.subarray(0, left)
      left -= passed.length
      if (!client.write(passed)) server.pause()
      if (left === 0) client.end(close)
    })
    client.on('drain', () => server.resume())
  }
}
