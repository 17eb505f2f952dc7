import type { CommandListener, EngineConnection } from './engine-connection.js'
import { UnacknowledgedError } from './engine-error.js'
import { type NodeCommand, sendOver } from './node-command.js'

/**
 * The changes of one node, which are replied to when enough replicas have them. A WAIT is sent behind all changes of a round;
 * changes that come while it is on its way are held, and share the next one.
 *
 *     a b c WAIT ───────▶ engine ─▶ replicas
 *                ◀─ replies to a, b, c, and the number of replicas that have all three
 *     d e WAIT ─────────▶              (d and e came meanwhile)
 *
 * So no more than one WAIT is ever open: the engine runs nothing else of the connection until it ends, at the latest shortly
 * before the deadline of its changes.
 */
export class AcknowledgedChanges {
  readonly connection: EngineConnection
  private readonly replicaCount: number
  private readonly timeoutMs: number
  /** Not sent yet. */
  private held = new Set<NodeCommand>()
  private isScheduled = false
  /** When the open WAIT ends at the latest; undefined if none is open. */
  private waitEndMs: number | undefined = undefined
  private readonly onRoundEnd = (): void => {
    this.isScheduled = false
    if (this.waitEndMs === undefined) this.sendHeld()
  }

  constructor(connection: EngineConnection, replicaCount: number, timeoutMs: number) {
    this.connection = connection
    this.replicaCount = replicaCount
    this.timeoutMs = timeoutMs
  }

  get heldCount(): number {
    return this.held.size
  }

  send(command: NodeCommand): void {
    this.held.add(command)
    if (this.waitEndMs !== undefined || this.isScheduled) return
    this.isScheduled = true
    setImmediate(this.onRoundEnd)
  }

  /** A change is not sent any more if it was held for too long. An engine that does not even end a WAIT is connected to anew. */
  noteTimeout(command: NodeCommand): void {
    this.held.delete(command)
    const { waitEndMs, timeoutMs } = this
    if (waitEndMs !== undefined && performance.now() > waitEndMs + timeoutMs) this.connection.reopen()
  }

  /** A WAIT has ended, or was lost. */
  waitEnded(): void {
    this.waitEndMs = undefined
    if (this.held.size > 0) this.sendHeld()
  }

  close(): void {
    this.connection.close()
  }

  private sendHeld(): void {
    const { connection, held, timeoutMs } = this
    if (held.size === 0) return
    this.held = new Set()
    const batch = new Batch(this, this.replicaCount)
    const now = performance.now()
    let deadlineMs = now
    for (const command of held) {
      deadlineMs = Math.max(deadlineMs, command.deadlineMs)
      sendOver(connection, command, batch.add(command))
    }
    // A time of 0 would have no end.
    const waitMs = Math.max(1, Math.floor(deadlineMs - now - Math.min(EARLY_MS, timeoutMs / 4)))
    this.waitEndMs = now + waitMs
    connection.send(['wait', String(this.replicaCount), String(waitMs)], batch)
    connection.flush()
  }
}

/** Changes with one WAIT behind them. Each fails by itself; those that the engine has made are replied to together. */
class Batch implements CommandListener {
  private readonly changes: AcknowledgedChanges
  private readonly replicaCount: number
  private readonly made: BatchedChange[] = []

  constructor(changes: AcknowledgedChanges, replicaCount: number) {
    this.changes = changes
    this.replicaCount = replicaCount
  }

  add(command: NodeCommand): CommandListener {
    return new BatchedChange(command, this.made)
  }

  /** The reply to WAIT. */
  replied(reply: unknown): void {
    if (typeof reply === 'number' && reply >= this.replicaCount) {
      for (const change of this.made) change.acknowledge()
    } else {
      this.refuse(`only ${reply} of ${this.replicaCount} replicas have acknowledged a change in time`)
    }
    this.changes.waitEnded()
  }

  failed({ message }: Error): void {
    this.refuse(`WAIT has failed: ${message}`)
    this.changes.waitEnded()
  }

  /** The engine has made the changes: they must not be repeated, whatever the reason is. */
  private refuse(reason: string): void {
    const error = new UnacknowledgedError(reason)
    for (const { command } of this.made) command.failed(error)
  }
}

class BatchedChange implements CommandListener {
  readonly command: NodeCommand
  private readonly made: BatchedChange[]
  private reply: unknown = undefined

  constructor(command: NodeCommand, made: BatchedChange[]) {
    this.command = command
    this.made = made
  }

  replied(reply: unknown): void {
    this.reply = reply
    this.made.push(this)
  }

  /** Nothing was changed, or it is unknown: no replica can tell. */
  failed(error: Error): void {
    this.command.failed(error)
  }

  acknowledge(): void {
    this.command.replied(this.reply)
  }
}

/** The engine looks ten times a second whether a WAIT has ended. */
const EARLY_MS = 100
