import { type Accepted, openWire } from '../../server/wires/open-wire.js'
import type { Encryption } from '../../server/wires/tls-wire.js'
import type { Wire, WireListener } from '../../server/wires/wire.js'
import type { SeededRandom } from '../faults/random.js'
import { clearRealTimeout, realTimeout, steadyMs } from '../time/real-time.js'
import type { ReplyMark } from './reply-mark.js'

/**
 * A wire that applies faults to replies. Without faults, bytes go straight to the wire behind it. Replies with a fault are copied
 * into steps, which are executed one after another:
 *
 *     connection ──sendAll──▶ marks: which bytes? ──▶ steps: wait, send, close ──▶ wire
 *
 * Other connections never wait. While many bytes are held, the connection sees a full socket.
 */
export class TestWire implements Wire, WireListener {
  /** How many bytes the connection has sent, before faults. */
  producedLength = 0
  /** The first byte of a client selects its protocol. */
  isBinary = false
  private readonly inner: Wire
  private readonly listener: WireListener
  private readonly random: SeededRandom
  private readonly marks: ReplyMark[] = []
  private readonly steps: Step[] = []
  private heldLength = 0
  private hasReceived = false
  private place: Buffer | undefined = undefined
  /** Nothing is sent any more. */
  private isSilent = false
  /** The bytes that the wire behind has not taken yet, kept until it has; EMPTY if the connection keeps them. */
  private unsent: Buffer | undefined = undefined
  private owesDrained = false
  private timer: NodeJS.Timeout | undefined = undefined

  constructor(
    accepted: Accepted,
    listener: WireListener,
    encryption: Encryption | undefined,
    random: SeededRandom,
  ) {
    this.listener = listener
    this.random = random
    this.inner = openWire(accepted, this, encryption)
  }

  /** A fault applies to the next reply. */
  mark(mark: ReplyMark): void {
    this.marks.push(mark)
  }

  /** Takes back the latest mark. */
  unmark(mark: ReplyMark): void {
    if (this.marks.at(-1) === mark) this.marks.pop()
  }

  /** The reply has been encoded. An empty reply is planned here, because no bytes may follow it. */
  markEnded(mark: ReplyMark): void {
    if (mark.start !== mark.end || mark.start !== this.producedLength) return
    this.plan(EMPTY, this.producedLength)
    this.run()
  }

  /** From now on nothing is sent to the client. */
  silence(): void {
    this.isSilent = true
    this.drop()
  }

  // ─── calls of the connection ───────────────────────────────────────────────────────────────────────────────────────

  send(bytes: Buffer): boolean {
    return this.sendAll([bytes])
  }

  sendAll(pieces: Buffer[]): boolean {
    const start = this.producedLength
    for (const piece of pieces) this.producedLength += piece.length
    if (this.isSilent) return true
    if (this.marks.length === 0 && this.steps.length === 0 && !this.isFull) {
      if (this.inner.sendAll(pieces)) return true
      this.unsent = EMPTY
      this.owesDrained = true
      return false
    }
    this.plan(Buffer.concat(pieces), start)
    this.run()
    if (this.heldLength <= HELD_LENGTH_MAX) return true
    this.owesDrained = true
    return false
  }

  pause(): void {
    this.inner.pause()
  }

  resume(): void {
    this.inner.resume()
  }

  endSending(): void {
    this.whenSent({ kind: 'end' })
  }

  finish(): void {
    this.whenSent({ kind: 'finish' })
  }

  private whenSent(step: Step): void {
    this.steps.push(step)
    this.run()
  }

  destroy(): void {
    this.silence()
    this.inner.destroy()
  }

  get remoteAddress(): string {
    return this.inner.remoteAddress
  }

  get localAddress(): string {
    return this.inner.localAddress
  }

  // ─── calls of the wire behind ──────────────────────────────────────────────────────────────────────────────────────

  nextBuffer(): Buffer {
    this.place = this.listener.nextBuffer()
    return this.place
  }

  received(length: number): boolean {
    if (!this.hasReceived) {
      this.hasReceived = true
      this.isBinary = this.place?.[0] === BINARY_MAGIC
    }
    return this.listener.received(length)
  }

  ended(): void {
    this.listener.ended()
  }

  drained(): void {
    this.unsent = undefined
    this.run()
  }

  closed(): void {
    this.silence()
    this.listener.closed()
  }

  // ─── steps ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private get isFull(): boolean {
    return this.unsent !== undefined
  }

  /** Turns bytes into steps. The first byte is number `start` of the connection. */
  private plan(bytes: Buffer, start: number): void {
    const end = start + bytes.length
    let at = start
    for (let mark = this.marks[0]; mark !== undefined; mark = this.marks[0]) {
      const isEmpty = mark.start === mark.end
      if (mark.start > end || (mark.start === end && !isEmpty)) break
      if (mark.start > at) this.add(bytes.subarray(at - start, mark.start - start))
      at = Math.max(at, mark.start)
      const markEnd = Math.min(mark.end, end)
      this.planMark(mark, bytes.subarray(at - start, markEnd - start), at)
      at = Math.max(at, markEnd)
      if (mark.end > end) return
      this.marks.shift()
    }
    this.add(bytes.subarray(at - start))
  }

  /** A part of the reply that begins at `at`. */
  private planMark(mark: ReplyMark, produced: Buffer, at: number): void {
    const { effect } = mark
    const isFirst = !mark.hasBegun
    const isLast = at + produced.length === mark.end
    const part = uncut(mark, produced, at)
    const left = effect.kind === 'close' ? effect.afterBytes - mark.length : 0
    mark.hasBegun = true
    mark.length += part.length
    switch (effect.kind) {
      case 'timeout':
        this.steps.push({ kind: 'silence' })
        return
      case 'close':
        this.add(part.subarray(0, Math.max(0, Math.min(left, part.length))))
        if (isLast || left <= part.length) this.steps.push({ kind: 'close' })
        return
      case 'delay':
        if (isFirst) this.steps.push({ kind: 'wait', untilMs: mark.sinceMs + effect.ms })
        this.add(part)
        return
      case 'slow':
        this.heldLength += part.length
        this.steps.push({ kind: 'slow', bytes: part, ms: effect.byteMs })
        return
      case 'opaque':
        this.add(part)
        return
      case 'garbage':
        if (effect.length === undefined) this.add(this.random.garbage(part.length))
        else if (isFirst) this.add(this.random.garbage(effect.length))
        return
      case 'replace':
        if (isFirst) this.add(effect.bytes)
    }
  }

  private add(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.heldLength += bytes.length
    this.steps.push({ kind: 'send', bytes })
  }

  /** Executes the steps that can be executed now. */
  private run(): void {
    if (this.timer !== undefined) return
    while (!this.isFull) {
      const step = this.steps.shift()
      if (step === undefined) break
      if (!this.do(step)) return
    }
    if (this.isFull || !this.owesDrained) return
    this.owesDrained = false
    this.listener.drained()
  }

  /** Returns false if the next steps have to wait. */
  private do(step: Step): boolean {
    switch (step.kind) {
      case 'send':
        this.heldLength -= step.bytes.length
        if (!this.inner.send(step.bytes)) this.unsent = step.bytes
        return true
      case 'wait':
        return this.sleep(step.untilMs - steadyMs())
      case 'slow':
        return this.sendSlowly(step.bytes, step.ms)
      case 'silence':
        this.silence()
        return true
      case 'close':
        this.silence()
        this.inner.finish()
        return true
      case 'end':
        this.inner.endSending()
        return true
      case 'finish':
        this.inner.finish()
        return true
    }
  }

  /** One byte, after a pause, and then the others. */
  private sendSlowly(bytes: Buffer, ms: number): boolean {
    if (bytes.length === 0) return true
    this.steps.unshift(
      { kind: 'send', bytes: bytes.subarray(0, 1) },
      { kind: 'slow', bytes: bytes.subarray(1), ms },
    )
    return this.sleep(ms)
  }

  private sleep(ms: number): boolean {
    if (ms <= 0) return true
    this.timer = realTimeout(
      () => {
        this.timer = undefined
        this.run()
      },
      Math.min(ms, TIMER_MS_MAX),
    )
    return false
  }

  /** Drops all that is not sent yet. */
  private drop(): void {
    clearRealTimeout(this.timer)
    this.timer = undefined
    this.marks.length = 0
    this.steps.length = 0
    this.heldLength = 0
  }
}

/** Without what an error has taken the place of, and with the error at its place. */
function uncut({ cut }: ReplyMark, part: Buffer, at: number): Buffer {
  if (cut === undefined || at + part.length <= cut.start) return part
  return at > cut.start ? EMPTY : Buffer.concat([part.subarray(0, cut.start - at), cut.bytes])
}

type Step =
  | { readonly kind: 'send'; readonly bytes: Buffer }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'slow'; readonly bytes: Buffer; readonly ms: number }
  | { readonly kind: 'silence' | 'close' | 'end' | 'finish' }

const EMPTY = Buffer.alloc(0)
const BINARY_MAGIC = 0x80
/** With more than this on its way, a connection stops reading. */
const HELD_LENGTH_MAX = 1024 * 1024
/** The longest time of a timer of Node. */
const TIMER_MS_MAX = 2 ** 31 - 1
