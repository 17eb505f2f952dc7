import { Connection } from '../../lib/server/connection/connection.js'
import type { Worker } from '../../lib/server/connection/worker.js'
import type { Wire } from '../../lib/server/wires/wire.js'

/** A connection without a socket, whose peer takes all at once, and its replies. */
export class ClientWithoutSocket {
  readonly connection: Connection
  /** The server has reset the connection. */
  isDestroyed = false
  private readonly heard: Buffer[] = []

  constructor(worker: Worker) {
    const send = (pieces: Buffer[]) => this.heard.push(...pieces.map((bytes) => Buffer.from(bytes))) > 0
    const nothing = () => undefined
    const wire: Wire = {
      send: (bytes) => send([bytes]),
      sendAll: send,
      pause: nothing,
      resume: nothing,
      endSending: nothing,
      finish: nothing,
      destroy: () => {
        this.isDestroyed = true
      },
      remoteAddress: '',
      localAddress: '',
    }
    this.connection = new Connection(worker, 1, nothing)
    this.connection.wire = wire
  }

  /** Sends bytes, a read's worth at a time. Returns the replies. */
  ask(bytes: Buffer): string {
    for (let start = 0; start < bytes.length; ) {
      const length = bytes.copy(this.connection.nextBuffer(), 0, start)
      start += length
      this.connection.received(length)
    }
    return this.answer
  }

  /** The replies since the last call. */
  get answer(): string {
    return Buffer.concat(this.heard.splice(0)).toString('latin1')
  }
}
