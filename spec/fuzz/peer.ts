import { ok as assert } from 'node:assert/strict'
import { Counter } from '../../lib/metrics/counters.js'
import { FrameReader } from '../../lib/protocol/binary/frames/frame-reader.js'
import { REPLY_MAGIC } from '../../lib/protocol/binary/header.js'
import { Connection } from '../../lib/server/connection/connection.js'
import type { Worker } from '../../lib/server/connection/worker.js'
import type { Random } from '../support/random.js'
import { ExpectedReplies } from './expected-replies.js'
import { FakeWire } from './fake-wire.js'
import { MARKED } from './marker.js'

/** Longer streams are not sent byte by byte: that would take most of the time. */
const CRUMBLED_LENGTH_MAX = 4000
const CRUMB_LENGTHS = [1, 5, 30]
const PIECE_LENGTHS = [300, 3000, 16 * 1024, 200 * 1024]
const FULL_SHARES = [0, 0, 0.05, 0.5]
/** The share of steps in which a connection is reset, or closed by its peer before all is sent. */
const RESET_SHARE = 0.001
const EARLY_END_SHARE = 0.001
/** The share of steps of a closed connection in which its peer keeps sending. */
const LATE_SHARE = 0.3

/** One connection and its peer, which sends a stream and knows which replies must come. */
export class Peer {
  isGone = false
  /** Others needed the room of a value that was arriving. */
  isDropped = false
  replyCount = 0
  private readonly random: Random
  private readonly worker: Worker
  private readonly connection: Connection
  private readonly wire: FakeWire
  private readonly expected: ExpectedReplies
  private readonly reader = new FrameReader()
  private readonly pieceLength: number
  private stream: Buffer
  private sentLength = 0
  private hasEnded = false
  private isStopped = false

  constructor(worker: Worker, number: number, random: Random, stream: Buffer, isLoginWanted: boolean) {
    this.worker = worker
    this.random = random
    this.stream = stream
    this.expected = new ExpectedReplies(stream, isLoginWanted)
    const mayCrumble = stream.length <= CRUMBLED_LENGTH_MAX
    this.pieceLength = random.pick(mayCrumble && random.chance(0.5) ? CRUMB_LENGTHS : PIECE_LENGTHS)
    this.connection = new Connection(worker, number, () => this.close())
    const kind = random.pick(['direct', 'plain'] as const)
    const hear = (bytes: Buffer) => this.hear(bytes)
    this.wire = new FakeWire({
      random,
      kind,
      fullShare: random.pick(FULL_SHARES),
      listener: this.connection,
      heard: hear,
    })
    this.connection.wire = this.wire
    const drop = this.connection.drop.bind(this.connection)
    this.connection.drop = () => {
      this.isDropped = true
      drop()
    }
  }

  /** Takes a step on the connection. Returns false if none is possible before the server continues by itself. */
  step(): boolean {
    const { wire, random } = this
    wire.tell()
    if (wire.isDone) {
      if (!this.sendLate()) this.connection.closed()
    } else if (wire.isFull) {
      if (random.chance(RESET_SHARE)) wire.reset()
      else wire.drain()
    } else if (!wire.isReading || this.hasEnded) {
      return false
    } else if (random.chance(RESET_SHARE)) {
      wire.reset()
    } else if (random.chance(EARLY_END_SHARE) || !this.send()) {
      this.end()
    }
    return true
  }

  /** The server stops: it closes the connection from its side. */
  stop(): void {
    this.isStopped = true
    this.connection.close(false)
  }

  /** Sends the next piece of the stream. Returns false if there is none. */
  private send(): boolean {
    if (this.sentLength === this.stream.length) return false
    const end = this.sentLength + 1 + this.random.below(this.pieceLength)
    const length = this.wire.put(this.stream.subarray(this.sentLength, end))
    this.sentLength += length
    this.wire.deliver(length)
    return true
  }

  private sendLate(): boolean {
    const { wire, random } = this
    return wire.isReading && !wire.isDestroyed && !this.hasEnded && random.chance(LATE_SHARE) && this.send()
  }

  private end(): void {
    this.hasEnded = true
    this.connection.ended()
  }

  private hear(bytes: Buffer): void {
    for (const frame of this.reader.push(bytes)) {
      assert(frame.magic === REPLY_MAGIC, 'the server sends a request')
      assert(frame.value.indexOf(MARKED) < 0, 'a reply holds bytes of free memory')
      this.expected.take(frame, this.sentLength)
      this.replyCount++
    }
  }

  /** The connection is closed: all that was expected of it must have happened. */
  private close(): void {
    assert(!this.isGone, 'a connection is closed twice')
    this.isGone = true
    if (!this.wire.isReset) this.checkEnd()
    // A timer may keep the connection for a while, but not its data.
    this.stream = NOTHING
  }

  private checkEnd(): void {
    const { expected, sentLength, wire } = this
    if (wire.isDestroyed && !wire.hasEndedSending) {
      assert(this.worker.counters.read(Counter.read_buf_oom) > 0, 'the server reset the connection')
      return
    }
    assert(this.reader.heldLength === 0, 'the last reply is not complete')
    if (this.isStopped) return
    expected.expectNoMore(sentLength)
    const mayEnd = this.hasEnded || expected.isRefused || expected.endsAt <= sentLength
    assert(mayEnd, 'the server closed the connection for no reason')
  }
}

const NOTHING = Buffer.alloc(0)
