import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Batch } from './batches.js'
import { openedEvent, openSocket, type Target } from './open-socket.js'

/** All connections read into the same bytes, which are counted but not checked. */
const RECEIVED = Buffer.alloc(256 * 1024)

type OnAnswered = (connection: Connection, requestCount: number) => void

/**
 * Sends one batch in one write on request, and reports when all of its replies have arrived, which is when their
 * bytes have. Batches are made before: only Node's socket allocates here.
 */
export class Connection {
  private readonly socket: Socket
  private readonly batches: readonly Batch[]
  private readonly onAnswered: OnAnswered
  private batchIndex = 0
  private awaitedLength = 0

  private constructor(target: Target, batches: readonly Batch[], onAnswered: OnAnswered) {
    this.batches = batches
    this.onAnswered = onAnswered
    const onread = { buffer: RECEIVED, callback: (length: number) => this.onBytes(length) }
    this.socket = openSocket(target, onread)
    if (target.isEncrypted) this.socket.on('data', ({ length }: Buffer) => this.onBytes(length))
    this.socket.once('close', () => {
      throw new Error('the server closed a connection')
    })
  }

  static async open(target: Target, batches: readonly Batch[], onAnswered: OnAnswered): Promise<Connection> {
    const connection = new Connection(target, batches, onAnswered)
    await once(connection.socket, openedEvent(target))
    return connection
  }

  send(): void {
    const batch = this.batches[this.batchIndex]!
    this.awaitedLength = batch.reply.length
    this.socket.write(batch.request)
  }

  private onBytes(length: number): boolean {
    this.awaitedLength -= length
    if (this.awaitedLength < 0) throw new Error(`${-this.awaitedLength} bytes more than the replies have`)
    if (this.awaitedLength === 0) {
      const { requestCount } = this.batches[this.batchIndex]!
      this.batchIndex = (this.batchIndex + 1) % this.batches.length
      this.onAnswered(this, requestCount)
    }
    return true
  }
}
