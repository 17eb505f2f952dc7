import { Command } from '../../lib/request/command.js'
import { Status } from '../../lib/request/status.js'
import { ask } from './ask.js'
import { GONE, type KeyModel } from './key-model.js'
import type { JudgedWorker, Oracle } from './oracle.js'
import type { Operation } from './outcome.js'
import type { SimulatedWorker } from './simulated-worker.js'
import { SlowReaders } from './slow-readers.js'

/** Asks a worker for something, and has the oracle judge what it replies. */
export class Client {
  readonly worker: SimulatedWorker
  readonly judged: JudgedWorker
  readonly readers: SlowReaders
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

  /** With `isSlow` the client takes its time for a long value. */
  ask(key: KeyModel, operation: Operation, isSlow: boolean): void {
    const { worker, oracle } = this
    const { reply } = worker
    oracle.beginAsking(key, operation)
    ask(worker, key, operation)
    oracle.judge(key, operation, this.judged, reply)
    if (isSlow && operation.command === Command.GET && key.state !== GONE && reply.status === Status.OK)
      this.readers.begin(reply.value, key.state.value)
    worker.engine.release()
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

  /** The end of a turn: what has been changed goes to the journal, and replies are sent when that has it. */
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
