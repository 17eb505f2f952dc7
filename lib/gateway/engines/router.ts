import { Counter, type Counters } from '../../metrics/counters.js'
import { Status } from '../../request/status.js'
import type { Script } from '../scripts/script.js'
import type { CommandListener, EngineConnection, Words } from './engine-connection.js'
import { Remedy, redirectionIn, remedyFor } from './engine-error.js'
import type { EngineNode } from './engine-node.js'
import { Effect, type NodeCommand } from './node-command.js'
import type { Replica } from './replicas.js'
import type { Topology } from './topology.js'

/** Hears the outcome of a command, once. */
export interface ReplyListener {
  /** Null also for a key that holds something else than a string. */
  replied(reply: unknown): void
  failed(status: Status): void
}

/** A command for the node that has its key. */
export interface EngineCommand {
  readonly slot: number
  readonly effect: Effect
  /** It is a read that a replica may answer. */
  readonly mayBeStale?: boolean
  readonly words: Words
  /** The words call it by its hash. */
  readonly script?: Script
}

/**
 * Sends each command to the node of its slot, and again where nothing was changed, within a deadline: to the node that has the
 * slot now, or later. A command whose fate is unknown is not repeated unless it may be. Beyond the deadline it has failed,
 * and a reply that still comes is dropped.
 */
export class Router {
  readonly topology: Topology
  readonly counters: Counters
  private readonly timeoutMs: number
  private readonly report: (text: string) => void
  private reportedMs = Number.NEGATIVE_INFINITY
  /** All that have no outcome, the oldest first. */
  private readonly open = new Set<Sending>()
  private readonly waiting = new Set<Sending>()
  /** The oldest first. */
  private readonly replicaReads = new Set<ReplicaRead>()
  private timer: NodeJS.Timeout | undefined = undefined

  constructor(
    topology: Topology,
    counters: Counters,
    { timeoutMs }: { readonly timeoutMs: number },
    report: (text: string) => void,
  ) {
    this.topology = topology
    this.counters = counters
    this.timeoutMs = timeoutMs
    this.report = report
  }

  send(command: EngineCommand, listener: ReplyListener): void {
    const sending = new Sending(this, command, listener, performance.now() + this.timeoutMs)
    this.open.add(sending)
    this.timer ??= setTimeout(this.onTime, Math.min(TICK_MS, this.timeoutMs))
    const node = this.topology.nodeOf(command.slot)
    const isForReplica = command.mayBeStale === true && node !== undefined
    const replica = isForReplica ? this.topology.replicas?.pick(node) : undefined
    if (replica === undefined) this.attempt(sending, node)
    else this.readReplica(sending, replica)
  }

  /** Writes at once what was sent in this round. */
  flush(): void {
    this.topology.flush()
  }

  /** The node of the slot cannot be used, or has not replied for a good part of the time that a command has. */
  isHeldUp(slot: number, effect: Effect): boolean {
    return this.topology.nodeOf(slot)?.isSilentFor(this.timeoutMs * SILENT_SHARE, effect) ?? true
  }

  /** A replica that has no value may not have it yet, or no longer: then the primary is asked. So it is if the replica fails. */
  replicaReplied(read: ReplicaRead, reply: unknown): void {
    if (!this.replicaReads.delete(read)) return
    if (reply === null || reply === undefined) {
      this.leaveReplica(read)
      return
    }
    this.counters.count(Counter.gateway_replica_reads)
    this.replied(read.sending, reply)
  }

  replicaFailed(read: ReplicaRead): void {
    if (this.replicaReads.delete(read)) this.leaveReplica(read)
  }

  attempt(sending: Sending, node: EngineNode | undefined, isAsking = false): void {
    if (node?.isReadyFor(sending.effect) === true) sending.begin(node, isAsking)
    else this.wait(sending)
  }

  replied(sending: Sending, reply: unknown): void {
    if (this.open.delete(sending)) sending.listener.replied(reply)
  }

  failed(sending: Sending, node: EngineNode, error: Error): void {
    if (!this.open.has(sending)) return
    const remedy = remedyFor(error)
    switch (remedy) {
      case Remedy.MOVED:
      case Remedy.ASK:
        this.redirect(sending, node, error, remedy === Remedy.ASK)
        return
      case Remedy.LOAD:
        sending.sendsSource = true
        this.attempt(sending, node, sending.isAsking)
        return
      case Remedy.LATER:
        this.wait(sending)
        return
      case Remedy.LOST:
        if (sending.effect !== Effect.ONCE) this.wait(sending)
        else this.fail(sending, Status.TEMPORARY_FAILURE)
        this.topology.refreshSoon()
        return
      case Remedy.UNACKNOWLEDGED:
        this.counters.count(Counter.gateway_unacknowledged)
        this.reportRefusal(node, error)
        this.fail(sending, Status.TEMPORARY_FAILURE)
        this.topology.refreshSoon()
        return
      case Remedy.FOREIGN:
        this.replied(sending, null)
        return
      default:
        if (remedy === Remedy.REFUSED) this.reportRefusal(node, error)
        this.fail(sending, remedy === Remedy.FULL ? Status.OUT_OF_MEMORY : Status.TEMPORARY_FAILURE)
    }
  }

  /** Sends those that wait and whose node can be used. While an engine is away, nothing else is done for the others. */
  retryNow(): void {
    for (const sending of this.waiting) {
      const node = this.topology.nodeOf(sending.command.slot)
      if (node?.isReadyFor(sending.effect) !== true) continue
      this.waiting.delete(sending)
      sending.redirectionCount = 0
      this.counters.count(Counter.gateway_retries)
      node.retryCount++
      this.attempt(sending, node)
    }
  }

  close(): void {
    clearTimeout(this.timer)
    for (const sending of this.open) this.fail(sending, Status.TEMPORARY_FAILURE)
    this.topology.close()
  }

  private readReplica(sending: Sending, { connection }: Replica): void {
    const read = new ReplicaRead(this, sending, connection)
    this.replicaReads.add(read)
    connection.send(sending.words, read)
  }

  private leaveReplica({ sending }: ReplicaRead): void {
    if (this.open.has(sending)) this.attempt(sending, this.topology.nodeOf(sending.command.slot))
  }

  /** A replica has a part of the time: the rest is for the primary. */
  private endReplicaReads(now: number): void {
    for (const read of this.replicaReads) {
      if (now - read.sentMs < this.timeoutMs * REPLICA_SHARE) break
      read.connection.noteTimeout(read.sentMs)
      this.replicaFailed(read)
    }
  }

  private redirect(sending: Sending, from: EngineNode, error: Error, isAsking: boolean): void {
    this.counters.count(Counter.gateway_redirections)
    from.redirectionCount++
    const { slot, ...endpoint } = redirectionIn(error, from.endpoint.host)
    const node = isAsking ? this.topology.nodeAt(endpoint) : this.topology.move(slot, endpoint)
    // Nodes that do not agree would send it to each other as fast as they can.
    if (++sending.redirectionCount > REDIRECTIONS_IN_ROW_MAX) this.wait(sending)
    else this.attempt(sending, node, isAsking)
  }

  private wait(sending: Sending): void {
    this.topology.refreshSoon()
    this.waiting.add(sending)
  }

  /** At most one in a second: each request may be refused. */
  reportRefusal({ address }: EngineNode, { message }: Error): void {
    const now = performance.now()
    if (now - this.reportedMs < REPORT_MS_MIN) return
    this.reportedMs = now
    this.report(`--gateway: ${address}: ${message}`)
  }

  private fail(sending: Sending, status: Status): void {
    this.waiting.delete(sending)
    if (this.open.delete(sending)) sending.listener.failed(status)
  }

  private readonly onTime = (): void => {
    const now = performance.now()
    for (const sending of this.open) {
      if (sending.deadlineMs > now) break
      this.counters.count(Counter.gateway_timeouts)
      this.fail(sending, Status.TEMPORARY_FAILURE)
      if (sending.node !== undefined) {
        sending.node.timeoutCount++
        sending.node.noteTimeout(sending)
      }
      this.topology.refreshSoon()
    }
    this.endReplicaReads(now)
    // Their slots may have another node by now.
    if (this.waiting.size > 0) this.topology.refreshSoon()
    this.retryNow()
    this.timer = this.open.size === 0 ? undefined : setTimeout(this.onTime, Math.min(TICK_MS, this.timeoutMs))
  }
}

/** A command on its way. */
class Sending implements NodeCommand {
  readonly command: EngineCommand
  readonly effect: Effect
  readonly listener: ReplyListener
  readonly deadlineMs: number
  sendsSource = false
  isAsking = false
  redirectionCount = 0
  /** Where it was sent last, and when. */
  node: EngineNode | undefined = undefined
  sentMs = 0
  private readonly router: Router

  constructor(router: Router, command: EngineCommand, listener: ReplyListener, deadlineMs: number) {
    this.router = router
    this.command = command
    this.effect = command.effect
    this.listener = listener
    this.deadlineMs = deadlineMs
  }

  get words(): Words {
    const { words, script } = this.command
    return this.sendsSource && script !== undefined ? ['eval', script.source, ...words.slice(2)] : words
  }

  begin(node: EngineNode, isAsking: boolean): void {
    this.node = node
    this.isAsking = isAsking
    this.sentMs = performance.now()
    node.send(this)
  }

  replied(reply: unknown): void {
    this.router.replied(this, reply)
  }

  failed(error: Error): void {
    this.router.failed(this, this.node!, error)
  }
}

/** A read that was sent to a replica. */
class ReplicaRead implements CommandListener {
  readonly sending: Sending
  readonly connection: EngineConnection
  readonly sentMs = performance.now()
  private readonly router: Router

  constructor(router: Router, sending: Sending, connection: EngineConnection) {
    this.router = router
    this.sending = sending
    this.connection = connection
  }

  replied(reply: unknown): void {
    this.router.replicaReplied(this, reply)
  }

  failed(): void {
    this.router.replicaFailed(this)
  }
}

const REPLICA_SHARE = 0.25
const SILENT_SHARE = 0.5
/** How often commands that wait are tried again. */
const TICK_MS = 25
const REPORT_MS_MIN = 1000
/** Later ones wait for the next tick. */
const REDIRECTIONS_IN_ROW_MAX = 5
