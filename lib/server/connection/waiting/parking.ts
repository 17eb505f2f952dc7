import { Command } from '../../../request/command.js'
import { PARKED_INPUT_LENGTH_MAX } from '../../../request/limits.js'
import { type Answered, answerAgain } from '../answer-requests.js'
import { Awaited } from '../phase.js'
import type { Worker } from '../worker.js'
import { ParkedRequest } from './parked-request.js'

/** The connection, as far as its parked request needs it. */
export interface Parkable extends Answered {
  awaited: Awaited
  /** Nothing more is read. */
  pause(): void
  goOnIfPaused(): void
  breakOff(): void
}

/**
 * How a connection waits for a key, or for room for a prefix. Requests behind the one that waits are kept, and answered after
 * it:
 *
 *     park ─▶ parked ─ the key changes, time is up ─▶ woken ─ answerParked ─┬─▶ answered
 *               ▲                                                           │
 *               └──────────────────────── still waits ──────────────────────┘
 */
export class Parking {
  private readonly worker: Worker
  private readonly connection: Parkable
  /** It is woken, and not answered yet, if the connection awaits nothing. */
  private parked: ParkedRequest | undefined = undefined

  constructor(worker: Worker, connection: Parkable) {
    this.worker = worker
    this.connection = connection
  }

  get hasRequest(): boolean {
    return this.parked !== undefined
  }

  /** What comes while the connection waits is kept: so the end of the client is noticed. */
  get mayReadAhead(): boolean {
    const { inbox, outbox, awaited } = this.connection
    const hasRoom = inbox.backlog === undefined && inbox.restLength < PARKED_INPUT_LENGTH_MAX
    return awaited === Awaited.KEY && !outbox.isWaiting && hasRoom
  }

  /** Parks the request in the worker's record. */
  parkRequest(): void {
    this.park(new ParkedRequest(this.worker, () => this.woken()))
  }

  /** Bytes that have just been read into the buffer of the inbox: requests behind the one that waits. */
  keepForLater(length: number): void {
    const { inbox } = this.connection
    if (inbox.take(length) && !inbox.keep(inbox.start, inbox.end)) this.connection.breakOff()
  }

  /** Sends the reply to the request that was woken, before those behind it; or parks it again. */
  answerParked(): void {
    const { worker, connection, parked } = this
    const { protocol, outbox, session } = connection
    if (parked === undefined) return
    this.parked = undefined
    parked.restore()
    worker.isAnswering = true
    try {
      if (protocol !== undefined) answerAgain(connection, worker, protocol)
      outbox.flush()
      worker.engine.endBatch()
    } finally {
      worker.isAnswering = false
    }
    if (session.isParked) this.park(parked)
  }

  /** The connection is closed. */
  end(): void {
    if (this.parked === undefined) return
    this.worker.prefixRoom.endWaiting(this.parked)
    this.worker.feed?.endWaiting(this.parked)
  }

  private park(parked: ParkedRequest): void {
    const { worker, connection } = this
    this.parked = parked
    connection.session.isParked = false
    connection.awaited = Awaited.KEY
    if (parked.command === Command.FLUSH_PREFIX) worker.prefixRoom.wait(parked)
    else worker.feed?.wait(parked)
  }

  /** The key may have changed, or time is up. Nothing is read before the requests behind it are answered. */
  private woken(): void {
    const { connection } = this
    if (connection.isEnding) return
    connection.pause()
    connection.awaited = Awaited.NOTHING
    connection.goOnIfPaused()
  }
}
