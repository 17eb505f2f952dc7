import { ok as assert } from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FrameReader } from '../../lib/protocol/binary/frames/frame-reader.js'
import { REPLY_MAGIC } from '../../lib/protocol/binary/header.js'
import { Random } from '../support/random.js'
import { ExpectedReplies } from './expected-replies.js'
import { randomStream } from './random-stream.js'

const PEERS_AT_ONCE = 16
const PIECE_LENGTHS = [30, 300, 3000, 200_000]
/** The share of pieces before which a peer resets, or stops reading until it has sent the next one. */
const RESET_SHARE = 0.002
const PAUSE_SHARE = 0.1

/** Streams of valid and spoiled frames over sockets, to a server that has room for everything. Every reply is checked. */
export class SocketFuzz {
  frameCount = 0
  connectionCount = 0
  replyCount = 0
  resetCount = 0
  private readonly random: Random
  private readonly port: number

  constructor(port: number, seed: number) {
    this.random = new Random(seed)
    this.port = port
  }

  /** Sends at least so many frames more. */
  async run(frameCount: number): Promise<void> {
    const end = this.frameCount + frameCount
    const peers = Array.from({ length: PEERS_AT_ONCE }, async () => {
      while (this.frameCount < end) await this.runPeer()
    })
    await Promise.all(peers)
  }

  private async runPeer(): Promise<void> {
    const { bytes, frameCount } = randomStream(this.random, false)
    this.frameCount += frameCount
    this.connectionCount++
    const socket = connect({ host: '127.0.0.1', port: this.port, allowHalfOpen: true }).setNoDelay(true)
    await once(socket, 'connect')
    const peer = new SocketPeer(socket, bytes)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    if (await this.send(peer, bytes)) {
      socket.end()
      await closed
      peer.checkEnd()
    } else {
      this.resetCount++
      socket.resetAndDestroy()
      await closed
      peer.checkReplies()
    }
    this.replyCount += peer.replyCount
  }

  /** Returns false if the peer is to reset the connection. */
  private async send(peer: SocketPeer, bytes: Buffer): Promise<boolean> {
    const { random } = this
    const pieceLength = random.pick(PIECE_LENGTHS)
    while (peer.sentLength < bytes.length && !peer.hasEnded) {
      if (random.chance(RESET_SHARE)) return false
      if (random.chance(PAUSE_SHARE)) peer.pause()
      await peer.send(bytes.subarray(peer.sentLength, peer.sentLength + 1 + random.below(pieceLength)))
    }
    return true
  }
}

/** The client side of one connection. */
class SocketPeer {
  sentLength = 0
  replyCount = 0
  /** The server has ended its side, or reset the connection. */
  hasEnded = false
  private wasReset = false
  private readonly socket: Socket
  private readonly expected: ExpectedReplies
  private readonly reader = new FrameReader()
  private complaint: Error | undefined

  constructor(socket: Socket, stream: Buffer) {
    this.socket = socket
    this.expected = new ExpectedReplies(stream, false)
    socket.on('data', (bytes) => this.hear(bytes))
    socket.once('end', () => {
      this.hasEnded = true
    })
    socket.on('error', () => {
      this.hasEnded = true
      this.wasReset = true
    })
  }

  pause(): void {
    this.socket.pause()
  }

  /** Reads again afterwards: a server reads no more while its replies wait. */
  async send(bytes: Buffer): Promise<void> {
    this.sentLength += bytes.length
    const mayGoOn = this.socket.write(bytes)
    this.socket.resume()
    if (mayGoOn || this.hasEnded) await nextTurn()
    else await this.untilTaken()
  }

  private async untilTaken(): Promise<void> {
    const over = new AbortController()
    const events = ['drain', 'close'].map((name) => once(this.socket, name, { signal: over.signal }))
    await Promise.race(events).catch(() => undefined)
    over.abort()
  }

  checkReplies(): void {
    if (this.complaint !== undefined) throw this.complaint
  }

  /** After the end of both sides. A client that goes on sending to a server which has closed the connection may lose replies. */
  checkEnd(): void {
    this.checkReplies()
    const { expected, sentLength } = this
    if (expected.isRefused || expected.endsAt < sentLength) return
    assert(!this.wasReset, 'the server reset the connection')
    assert(this.reader.heldLength === 0, 'the last reply is not complete')
    expected.expectNoMore(sentLength)
  }

  private hear(bytes: Buffer): void {
    try {
      for (const frame of this.reader.push(bytes)) {
        assert(frame.magic === REPLY_MAGIC, 'the server sends a request')
        this.expected.take(frame, this.sentLength)
        this.replyCount++
      }
    } catch (error) {
      this.complaint ??= error as Error
    }
  }
}
