import { Connection } from '../../../lib/server/connection/connection.js'
import type { Worker } from '../../../lib/server/connection/worker.js'
import type { Random } from '../../support/random.js'
import { Finding } from '../finding.js'
import { absoluteTime } from '../outcome.js'
import type { Asked, Part, Told } from './asked.js'
import type { ExpectedReplies } from './expected-replies.js'
import type { Asker } from './judging-engine.js'
import { SimulatedWire } from './simulated-wire.js'
import type { WindowJudge } from './window-judge.js'
import type { ProtocolName, WirePlan } from './wire-plan.js'

/** What all connections of a worker share. */
export interface TalkParts {
  readonly random: Random
  readonly plan: WirePlan
  readonly worker: Worker
  /** Composes the next request of a connection. */
  compose(protocol: ProtocolName): Asked
  /** Reports an error. */
  report(message: string): void
  /** Whether there is a reason for the server to reset a connection. */
  mayBreakOff(): boolean
  readonly windows: WindowJudge
  now(): number
  changeCount(): number
}

/** A request that has been composed, and its end in the client's stream. */
interface Sent {
  readonly asked: Asked
  readonly end: number
}

/** A connection gets more requests when at most this many are still to be sent, or to be executed. */
const WAITING_MAX = 32

/** One connection and its client, which sends a few requests at once and knows the replies that must come. */
export class Talk implements Asker {
  readonly protocol: ProtocolName
  /** The connection has called onClosed: it owns nothing any more. */
  isGone = false
  private readonly parts: TalkParts
  private readonly expected: ExpectedReplies
  readonly connection: Connection
  private readonly wire: SimulatedWire
  private readonly pieceLength: number
  private readonly takeShare: number
  private readonly sendShare: number
  private outgoing: Buffer[] = []
  private sent: Sent[] = []
  /** How much has been composed, and how much of it has arrived. */
  private composedLength = 0
  private arrivedLength = 0
  /** Of the request that is being executed. */
  private partIndex = 0
  /** When the execution of the first request began, if its value is arriving. */
  private stagedTime: number | undefined
  /** How many records the journal had after our last change. */
  private recordCount = 0
  private hasEnded = false
  private isStopped = false
  private hasQuit = false

  constructor(number: number, parts: TalkParts, expected: ExpectedReplies) {
    const { random, plan, worker } = parts
    this.parts = parts
    this.expected = expected
    this.protocol = random.pick(plan.protocols)
    this.pieceLength = random.pick(plan.pieceLengths)
    this.takeShare = random.pick(plan.takeShares)
    this.sendShare = random.pick(plan.sendShares)
    worker.table.counts.add(worker.arena.workerSlot.worker, 1)
    this.connection = new Connection(worker, number, () => this.close())
    const kind = random.pick(['direct', 'plain'] as const)
    const hear = (bytes: Buffer) => this.hear(bytes)
    const fullShare = random.pick([0, plan.fullShare, plan.fullShare])
    this.wire = new SimulatedWire({ random, kind, fullShare, listener: this.connection, heard: hear })
    this.connection.wire = this.wire
    const drop = this.connection.drop.bind(this.connection)
    this.connection.drop = () => {
      parts.windows.judgeDrop(this.connection)
      drop()
    }
  }

  /** A value is arriving. */
  get isArriving(): boolean {
    return this.stagedTime !== undefined
  }

  // ─── what happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a step on the connection. Returns how many requests have been composed. */
  step(): number {
    const { wire, parts } = this
    const { random, plan } = parts
    if (wire.isDone) this.connection.closed()
    else if (random.chance(plan.resetShare)) this.reset()
    else if (wire.isFull && random.chance(this.takeShare)) this.take(random.chance(0.5))
    else if (wire.isReading && !this.hasEnded && random.chance(plan.endShare)) this.end()
    else {
      const count = this.compose()
      if (random.chance(this.sendShare)) this.deliverSome()
      return count
    }
    return 0
  }

  /** The same for a connection that is to end: all that was composed arrives, and is answered. */
  finish(): void {
    const { wire } = this
    if (wire.isDone) this.connection.closed()
    else if (wire.isFull) this.take(true)
    else if (!this.isStopped && wire.isReading && !this.hasEnded && !this.deliver(ALL)) this.end()
    else wire.tell()
  }

  /** The server stops: it closes the connection from its side. */
  stop(): void {
    this.isStopped = true
    if (!this.wire.isDone) this.connection.close(false)
  }

  /** The client resets the connection. */
  reset(): void {
    this.wire.reset()
    this.connection.closed()
  }

  /** The server does not wait any longer. */
  giveUp(): void {
    this.isStopped = true
    this.reset()
  }

  private take(isAll: boolean): void {
    this.wire.take(isAll)
    this.wire.tell()
  }

  private end(): void {
    this.hasEnded = true
    this.connection.ended()
  }

  private compose(): number {
    const { random, plan } = this.parts
    if (this.hasQuit || this.hasEnded || this.sent.length > WAITING_MAX) return 0
    if (this.outgoing.length > 0 && random.chance(0.8)) return 0
    const count = 1 + random.below(plan.batchMax)
    for (let index = 0; index < count && !this.hasQuit; index++) {
      const asked = this.parts.compose(this.protocol)
      for (const bytes of asked.bytes) {
        this.composedLength += bytes.length
        if (bytes.length > 0) this.outgoing.push(bytes)
      }
      this.sent.push({ asked, end: this.composedLength })
      this.hasQuit = asked.isLast
    }
    return count
  }

  private deliverSome(): void {
    const { random } = this.parts
    for (let pieces = random.below(6); pieces >= 0; pieces--) {
      // Long values do not arrive byte by byte: that would take most of the time.
      const left = this.composedLength - this.arrivedLength
      const longest = Math.max(this.pieceLength, left >>> 4)
      if (!this.deliver(random.chance(0.2) ? ALL : 1 + random.below(longest))) return
    }
  }

  /** Up to this many bytes arrive, if the connection reads. Returns false if none do. */
  private deliver(lengthMax: number): boolean {
    const { wire, outgoing } = this
    if (wire.isDone || !wire.isReading || this.hasEnded || outgoing.length === 0) return false
    const { room } = wire
    const bound = Math.min(lengthMax, room.length)
    let length = 0
    while (length < bound && outgoing.length > 0) {
      const bytes = outgoing[0]!
      const part = bytes.copy(room, length, 0, bound - length)
      length += part
      if (part === bytes.length) outgoing.shift()
      else outgoing[0] = bytes.subarray(part)
    }
    this.arrivedLength += length
    wire.deliver(length)
    return true
  }

  // ─── calls from the engine ─────────────────────────────────────────────────────────────────────────────────────────

  next(isWhole: boolean): Part {
    const [first] = this.sent
    if (first === undefined) throw new Finding('a request is executed that no client has sent')
    if (isWhole && first.end > this.arrivedLength && !this.isArriving)
      throw new Finding('a request is executed before it has arrived')
    const part = first.asked.parts[this.partIndex]!
    // An expiry counts from when the first half of the request is executed.
    const { item } = part
    if (this.stagedTime === undefined || item === undefined || item.operation.expiry <= 0) return part
    const expiry = absoluteTime(item.operation.expiry, this.stagedTime)
    return { ...part, item: { ...item, operation: { ...item.operation, expiry } } }
  }

  staged(): void {
    this.stagedTime = this.parts.now()
  }

  decided(told: Told, hasChanged: boolean): void {
    const { asked } = this.sent[0]!
    if (hasChanged) this.recordCount = this.parts.changeCount()
    this.stagedTime = undefined
    this.expected.add(asked.parts[this.partIndex]!.reply(told), this.recordCount)
    this.partIndex++
    if (this.partIndex < asked.parts.length) return
    this.partIndex = 0
    this.sent.shift()
  }

  // ─── replies ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private hear(bytes: Buffer): void {
    const complaint = this.expected.hear(bytes)
    if (complaint !== undefined) this.parts.report(`${this.protocol}: ${complaint}`)
  }

  /** The connection is closed: all that was expected of it must have happened. */
  private close(): void {
    const { wire, parts } = this
    if (this.isGone) parts.report('a connection is closed twice')
    this.isGone = true
    this.outgoing = []
    if (!wire.isReset) this.checkEnd()
  }

  private checkEnd(): void {
    const { wire, parts, expected, sent, arrivedLength } = this
    // It may have been closing already when others needed what it held.
    const isBrokenOff = !wire.hasEndedSending || (wire.isDestroyed && expected.count > 0)
    if (isBrokenOff) {
      if (!parts.mayBreakOff()) parts.report('the server resets a connection for no reason')
      return
    }
    if (expected.count > 0) parts.report(`${this.protocol}: ${expected.count} replies are missing at the end`)
    if (this.isStopped) return
    const missing = sent.filter(({ end }) => end <= arrivedLength)
    if (this.hasEnded && missing.length > 0)
      parts.report(`${this.protocol}: ${missing.length} requests have not been executed`)
    if (!this.hasEnded && !(this.hasQuit && sent.length === 0))
      parts.report('the server closes a connection for no reason')
  }
}

const ALL = Number.POSITIVE_INFINITY
