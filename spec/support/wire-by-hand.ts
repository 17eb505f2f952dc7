import { Connection } from '../../lib/server/connection/connection.js'
import type { Worker } from '../../lib/server/connection/worker.js'
import type { Wire } from '../../lib/server/wires/wire.js'

/** A connection over a wire that takes all at once unless it is `full`, and the connection's calls to the wire. */
export class WireByHand implements Wire {
  readonly remoteAddress = ''
  readonly localAddress = ''
  readonly connection: Connection
  isFull = false
  isReading = true
  resumeCount = 0
  finishCount = 0
  endCount = 0
  isDestroyed = false
  /** The bytes of each write that were not read yet. */
  writes: Buffer[] = []
  /** The connection has called onClosed: it owns nothing any more. */
  isOver = false

  constructor(worker: Worker, number = 1) {
    this.connection = new Connection(worker, number, () => {
      this.isOver = true
    })
    this.connection.wire = this
  }

  /** Gives the connection bytes, a read's worth at a time. Returns whether it wants more. */
  receive(bytes: Buffer | string): boolean {
    const all = Buffer.from(bytes)
    let wantsMore = true
    for (let start = 0; start < all.length; ) {
      const length = all.copy(this.connection.nextBuffer(), 0, start)
      if (length === 0) throw new Error('the connection reads, and has no room for what it reads')
      start += length
      wantsMore = this.connection.received(length)
    }
    this.isReading = wantsMore
    return wantsMore
  }

  /** What has been written since the last call. */
  get text(): string {
    return Buffer.concat(this.writes.splice(0)).toString('latin1')
  }

  /** The kernel has room again. */
  drain(): void {
    this.isFull = false
    this.connection.drained()
  }

  send(bytes: Buffer): boolean {
    return this.sendAll([bytes])
  }

  sendAll(pieces: Buffer[]): boolean {
    this.writes.push(Buffer.concat(pieces))
    return !this.isFull
  }

  pause(): void {
    this.isReading = false
  }

  resume(): void {
    this.isReading = true
    this.resumeCount++
  }

  endSending(): void {
    this.endCount++
  }

  finish(): void {
    this.finishCount++
  }

  destroy(): void {
    this.isDestroyed = true
  }
}
