import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { ServerProcess } from '../support/server.js'

/** How a server breaks a rule: how it changes the bytes it forwards. A piece is a frame, or a chunk of text. */
export interface Tampering {
  /** What the server receives instead of this. */
  readonly request?: (piece: Buffer) => Buffer
  /** What the client receives instead of this. */
  readonly reply?: (piece: Buffer) => Buffer
}

/** Cuts the received bytes into pieces; the last one is incomplete. */
export type Cut = (bytes: Buffer) => { readonly pieces: readonly Buffer[]; readonly rest: Buffer }

/** A proxy before a server. It breaks one rule. */
export class BrokenServer {
  private readonly listener: Server
  private readonly sockets = new Set<Socket>()

  private constructor(listener: Server) {
    this.listener = listener
  }

  static async start(behind: ServerProcess, cut: Cut, { request, reply }: Tampering): Promise<BrokenServer> {
    const listener = createServer({ allowHalfOpen: true }, (client) => {
      const server = connect({ ...behind.address, allowHalfOpen: true })
      broken.follow(client, server, cut, request)
      broken.follow(server, client, cut, reply)
    })
    const broken = new BrokenServer(listener)
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return broken
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port
  }

  stop(): void {
    this.listener.close()
    for (const socket of this.sockets) socket.destroy()
  }

  private follow(
    from: Socket,
    to: Socket,
    cut: Cut,
    tamper: (piece: Buffer) => Buffer = (piece) => piece,
  ): void {
    let held: Buffer = Buffer.alloc(0)
    this.sockets.add(from)
    from.on('data', (chunk: Buffer) => {
      const { pieces, rest } = cut(Buffer.concat([held, chunk]))
      held = rest
      to.write(Buffer.concat(pieces.map(tamper)))
    })
    from.on('end', () => to.end(held))
    from.on('error', () => to.destroy())
    from.on('close', () => this.sockets.delete(from))
  }
}

/** Text is changed as it arrives: replies to the checks are short, and arrive in one piece. */
export const whole: Cut = (bytes) => ({ pieces: [bytes], rest: Buffer.alloc(0) })
