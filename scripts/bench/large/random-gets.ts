import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { BODY_LENGTH, HEADER_LENGTH, STATUS } from '../../../lib/protocol/binary/header.js'
import { STATUSES } from '../../../lib/protocol/binary/statuses.js'
import { Status } from '../../../lib/request/status.js'
import { requestFrame } from '../support/frames.js'
import { HOST } from '../support/server.js'
import type { Sender } from '../wire/generator.js'
import { itemAt, KEY_FILLER, KEY_LENGTH } from './items.js'

export const REQUESTS_PER_BATCH = 16

const GET = requestFrame('get', { key: Buffer.from(itemAt(0).key) })
const FILLER = KEY_FILLER.charCodeAt(0)
const ZERO = '0'.charCodeAt(0)
/** All connections read into the same bytes. */
const RECEIVED = Buffer.alloc(256 * 1024)

type OnAnswered = (sender: RandomGets, requestCount: number) => void

/** A connection that gets 16 random items at once. Misses are counted. Nothing is allocated for a batch but by Node's socket. */
export class RandomGets implements Sender {
  missCount = 0
  private readonly socket: Socket
  private readonly itemCount: number
  private readonly onAnswered: OnAnswered
  private readonly requests = Buffer.concat(Array.from({ length: REQUESTS_PER_BATCH }, () => GET))
  private awaitedCount = 0
  /** The beginning of a reply's header that came without the rest of it. */
  private readonly header = Buffer.alloc(HEADER_LENGTH)
  private headerLength = 0
  /** Bytes of the current reply's body that have not arrived. */
  private bodyLength = 0

  private constructor(port: number, itemCount: number, onAnswered: OnAnswered) {
    this.itemCount = itemCount
    this.onAnswered = onAnswered
    const onread = { buffer: RECEIVED, callback: (length: number) => this.onBytes(length) }
    this.socket = connect({ port, host: HOST, noDelay: true, onread })
    this.socket.once('close', () => {
      throw new Error('the server closed a connection')
    })
  }

  static async open(port: number, itemCount: number, onAnswered: OnAnswered): Promise<RandomGets> {
    const gets = new RandomGets(port, itemCount, onAnswered)
    await once(gets.socket, 'connect')
    return gets
  }

  send(): void {
    for (let end = GET.length; end <= this.requests.length; end += GET.length)
      this.writeNumber(end, Math.floor(Math.random() * this.itemCount))
    this.awaitedCount = REQUESTS_PER_BATCH
    this.socket.write(this.requests)
  }

  /** Makes the key that ends at `end` that of the item with this number. */
  private writeNumber(end: number, number: number): void {
    const { requests } = this
    let at = end
    let rest = number
    do {
      requests[--at] = ZERO + (rest % 10)
      rest = Math.floor(rest / 10)
    } while (rest > 0)
    const keyStart = end - KEY_LENGTH
    while (at > keyStart && requests[at - 1] !== FILLER) requests[--at] = FILLER
  }

  private onBytes(length: number): boolean {
    let at = 0
    while (at < length) {
      if (this.bodyLength === 0) {
        const copied = RECEIVED.copy(this.header, this.headerLength, at, length)
        at += copied
        this.headerLength += copied
        if (this.headerLength < HEADER_LENGTH) break
        this.onHeader()
      }
      // A miss has a body, too.
      const skipped = Math.min(this.bodyLength, length - at)
      at += skipped
      this.bodyLength -= skipped
      if (this.bodyLength === 0) this.awaitedCount--
    }
    if (this.awaitedCount === 0) this.onAnswered(this, REQUESTS_PER_BATCH)
    return true
  }

  private onHeader(): void {
    const status = this.header.readUInt16BE(STATUS)
    if (status === STATUSES[Status.NOT_FOUND].code) this.missCount++
    else if (status !== 0) throw new Error(`the server answers a get with status ${status}`)
    this.bodyLength = this.header.readUInt32BE(BODY_LENGTH)
    this.headerLength = 0
  }
}
