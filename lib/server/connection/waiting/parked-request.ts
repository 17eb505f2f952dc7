import type { KeyWaiter } from '../../../feed/waiters.js'
import type { Command } from '../../../request/command.js'
import { WAIT_SECONDS_MAX } from '../../../request/limits.js'
import { Request } from '../../../request/request.js'
import { Status } from '../../../request/status.js'
import type { Worker } from '../worker.js'

/**
 * The request of a connection that waits for a key, or until one more prefix can be flushed. It holds no window: a thousand of them take little memory. What it said is
 * kept here, and the worker's one record serves others meanwhile.
 */
export class ParkedRequest implements KeyWaiter {
  readonly key: string
  deadlineMs: number
  private readonly worker: Worker
  private readonly words = new Request()
  private readonly flags: string
  private readonly onWoken: () => void

  /** Of the worker's request. */
  constructor(worker: Worker, onWoken: () => void) {
    const { request, arena } = worker
    this.worker = worker
    this.onWoken = onWoken
    this.words.copyWords(request)
    this.key = arena.bytes.toString('latin1', request.keyStart, request.keyEnd)
    this.flags = arena.bytes.toString('latin1', request.flagsStart, request.flagsEnd)
    this.deadlineMs = performance.now() + Math.min(request.expiry, WAIT_SECONDS_MAX) * 1000
  }

  get command(): Command {
    return this.words.command
  }

  wake(isTimeUp: boolean): void {
    if (isTimeUp) this.words.expiry = 0
    this.onWoken()
  }

  /** Puts the request back into the worker's record, as if it had just been decoded. */
  restore(): void {
    const { worker, key, flags } = this
    const { request, readStart, flagsStart } = worker
    const { bytes } = worker.arena
    request.copyWords(this.words)
    request.refusal = Status.OK
    request.staged = undefined
    // With their lengths: without one, Node 20 and 22 write nothing if more than 2 GiB follow.
    request.keyStart = readStart
    request.keyEnd = readStart + bytes.write(key, readStart, key.length, 'latin1')
    request.flagsStart = flagsStart
    request.flagsEnd = flagsStart + bytes.write(flags, flagsStart, flags.length, 'latin1')
  }
}
