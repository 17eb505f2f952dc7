import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { casOf, frameLength, opaqueOf, statusOf } from '../support/frames.js'

/** Called for a reply, and for the requests before it that needed none. */
export type OnReply = (opaque: number, status: number, cas: bigint, frame: Buffer) => void

/** A connection that sends without waiting, until its server has ended. */
export class CrashClient {
  isGone = false
  private readonly socket: Socket
  private received = Buffer.alloc(0)

  private constructor(socket: Socket, onReply: OnReply) {
    this.socket = socket
    socket.on('data', (chunk) => this.take(chunk, onReply))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.isGone = true
    })
  }

  static async open(address: NetConnectOpts, onReply: OnReply): Promise<CrashClient> {
    const socket = connect(address)
    await once(socket, 'connect')
    return new CrashClient(socket, onReply)
  }

  send(frame: Buffer): void {
    if (!this.isGone) this.socket.write(frame)
  }

  close(): void {
    this.socket.destroy()
  }

  private take(chunk: Buffer, onReply: OnReply): void {
    this.received = Buffer.concat([this.received, chunk])
    for (let length = frameLength(this.received); length !== undefined; length = frameLength(this.received)) {
      const frame = this.received.subarray(0, length)
      this.received = this.received.subarray(length)
      onReply(opaqueOf(frame), statusOf(frame), casOf(frame), frame)
    }
  }
}
