import { Command } from '../../lib/request/command.js'
import { Status } from '../../lib/request/status.js'
import type { Random } from '../support/random.js'
import type { WiredClients } from './connections/wired-clients.js'
import type { JudgedWorker } from './judged-worker.js'
import { GONE, type KeyModel } from './key-model.js'
import type { Oracle } from './oracle.js'
import type { Operation } from './outcome.js'
import { prepareRequest } from './prepare-request.js'
import type { SimulatedWorker } from './simulated-worker.js'
import { SlowReaders } from './slow-readers.js'
import { SlowSenders } from './slow-senders.js'

/** Sends requests to a worker, and lets the oracle judge its replies. */
export class Client {
  readonly worker: SimulatedWorker
  readonly judged: JudgedWorker
  readonly readers: SlowReaders
  readonly senders = new SlowSenders()
  /** The connections to the worker; undefined if its engine is called directly. */
  wired: WiredClients | undefined = undefined
  /** Up to which count of records replies have been sent. */
  acknowledgedCount = 0
  private readonly oracle: Oracle
  private seenCount = 0

  constructor(worker: SimulatedWorker, judged: JudgedWorker, oracle: Oracle) {
    this.worker = worker
    this.judged = judged
    this.readers = new SlowReaders(worker)
    this.oracle = oracle
  }

  /** As a connection does before a batch of requests. */
  refreshClock(): void {
    this.worker.engine.refreshClock()
    this.oracle.noteTime(this.judged)
  }

  /** With `isSlow` the client takes a long value slowly. */
  ask(key: KeyModel, operation: Operation, isSlow: boolean): void {
    const { worker, oracle } = this
    const { reply } = worker
    prepareRequest(worker, key, operation)
    oracle.beginAsking(key, operation)
    worker.engine.execute(worker.request, reply)
    oracle.judge(key, operation, this.judged, reply)
    if (isSlow && operation.command === Command.GET && key.state !== GONE && reply.status === Status.OK)
      this.readers.begin(reply.value, key.state.value)
    worker.engine.release()
  }

  /** Sends a request without its value: that comes a part at a time. */
  beginSending(key: KeyModel, operation: Operation): void {
    const { worker, oracle, senders } = this
    const { engine, request, reply } = worker
    prepareRequest(worker, key, operation)
    oracle.beginAsking(key, operation)
    const value = engine.stage(request, reply)
    if (value === undefined) oracle.judge(key, operation, this.judged, reply)
    else senders.add({ key, operation, value })
    engine.release()
  }

  /** One of the slow senders sends some more. */
  sendPart(random: Random): void {
    const { worker, oracle, senders } = this
    const { engine, request, reply } = worker
    const sending = senders.pick(random)
    if (sending === undefined) return
    const { key, operation, value } = sending
    prepareRequest(worker, key, operation)
    oracle.beginAsking(key, operation)
    const { missing } = value
    const start = request.valueStart + operation.value.length - missing
    const hasRoom = value.copyIn(start, 1 + random.below(missing))
    if (hasRoom && value.missing > 0) return
    senders.remove(sending)
    request.staged = value
    if (hasRoom) engine.execute(request, reply)
    else engine.fail(request, reply)
    oracle.judge(key, operation, this.judged, reply)
    engine.release()
  }

  flush(expiry: number): void {
    const { worker, oracle } = this
    const { request, reply, engine } = worker
    request.command = Command.FLUSH
    request.staged = undefined
    request.traits = 0
    request.expiry = expiry
    engine.execute(request, reply)
    engine.release()
    oracle.judgeFlush(expiry, this.judged, reply)
  }

  /** Flushes the keys that begin so, unless that would have to wait for a sweep. */
  flushPrefix(prefix: string): void {
    const { worker, oracle } = this
    const { request, reply, engine, arena } = worker
    if (!worker.store.mayFlushPrefix) return
    request.command = Command.FLUSH_PREFIX
    request.staged = undefined
    request.traits = 0
    request.keyStart = worker.scratch
    request.keyEnd = worker.scratch + arena.bytes.write(prefix, worker.scratch, 'latin1')
    engine.execute(request, reply)
    engine.release()
    oracle.judgePrefixFlush(prefix, this.judged, reply)
  }

  /** The end of a turn: changes go to the journal, and replies are sent when the journal has them. */
  commit(onAcknowledged: () => void): void {
    const journal = this.worker.journal!
    const count = journal.changeCount
    journal.commit()
    if (count <= this.seenCount) return
    this.seenCount = count
    const committed = (isSafe: boolean): void => {
      if (!isSafe) return
      this.acknowledgedCount = Math.max(this.acknowledgedCount, count)
      onAcknowledged()
    }
    if (journal.isSafe(count)) committed(true)
    else journal.wait(count, { size: 1, committed })
  }
}
