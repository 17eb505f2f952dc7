import type { Breaker } from '../breaker/breaker.js'
import type { Call, CallOwner } from '../calls/call.js'
import { ClientError } from '../client-error.js'
import type { CallOptions, Target } from '../commands/executor.js'
import type { ConnectionOptions } from '../connection/connection-options.js'
import type { Deadlines } from '../deadlines/deadlines.js'
import { onAbort } from '../on-abort.js'
import type { Pool } from '../pool/pool.js'
import { wrongOption } from './wrong-option.js'

/** What is known about the calls to one server. */
export interface ServerCounts {
  /** Calls that were asked for. */
  calls: number
  /** Those of them that failed, by the code of the error. */
  readonly errors: Map<string, number>
}

/** Why the breaker is open. */
export interface Opening {
  error: Error | undefined
}

export interface ServerParts {
  readonly name: string
  /** For connections beside those of the pool. */
  readonly connectionOptions: ConnectionOptions
  readonly pool: Pool
  /** Undefined: calls are always sent. */
  readonly breaker: Breaker | undefined
  readonly opening: Opening
  readonly deadlines: Deadlines
  readonly timeoutMs: number
}

/** One server, for the calls: its breaker, its pool, and the deadline of each call. */
export class Server implements Target, CallOwner {
  readonly name: string
  readonly connectionOptions: ConnectionOptions
  readonly pool: Pool
  readonly breaker: Breaker | undefined
  readonly counts: ServerCounts = { calls: 0, errors: new Map() }
  private readonly opening: Opening
  private readonly deadlines: Deadlines
  private readonly timeoutMs: number

  constructor({ name, connectionOptions, pool, breaker, opening, deadlines, timeoutMs }: ServerParts) {
    this.name = name
    this.connectionOptions = connectionOptions
    this.pool = pool
    this.breaker = breaker
    this.opening = opening
    this.deadlines = deadlines
    this.timeoutMs = timeoutMs
  }

  /** Whether its breaker would let a call pass. */
  get isUsable(): boolean {
    return this.breaker === undefined || this.breaker.isUsable
  }

  execute(call: Call, options: CallOptions | undefined): void {
    try {
      const wrong = wrongOption(options)
      if (wrong === undefined) this.start(call, options)
      else call.fail(wrong)
    } catch (error) {
      // The caller waits for the promise of the call, and nothing else: such as of a pool of the program's own.
      call.fail(error as Error)
    }
  }

  private start(call: Call, options: CallOptions | undefined): void {
    this.counts.calls++
    const { breaker } = this
    if (breaker !== undefined) {
      if (!breaker.mayCall()) {
        this.refuse(call)
        return
      }
      call.breakerGeneration = breaker.generation
    }
    call.owner = this
    this.deadlines.add(call, options?.timeout ?? this.timeoutMs)
    if (options?.signal !== undefined && !followSignal(call, options.signal)) return
    this.pool.execute(call)
  }

  settled(call: Call, error: Error | undefined): void {
    this.deadlines.remove(call)
    call.unfollow?.()
    if (error !== undefined) this.count(error)
    if (this.breaker !== undefined) this.reportTo(this.breaker, call.breakerGeneration, error)
  }

  /** A breaker, or a rule of one, may be the program's: what it throws is an uncaught exception, and breaks no call. */
  private reportTo(breaker: Breaker, generation: number, error: Error | undefined): void {
    try {
      if (error === undefined) breaker.onSuccess(generation)
      else breaker.onFailure(error, generation)
    } catch (thrown) {
      process.nextTick(() => {
        throw thrown
      })
    }
  }

  private count(error: Error): void {
    const code = error instanceof ClientError ? error.code : 'OTHER'
    const { errors } = this.counts
    errors.set(code, (errors.get(code) ?? 0) + 1)
  }

  /** In a later turn: a loop that tries again at once must not starve the rest of the program. */
  private refuse(call: Call): void {
    const { error: cause } = this.opening
    // Not what UNREACHABLE adds: when the next attempt to connect would begin.
    const reason = cause?.cause instanceof ClientError ? cause.cause : cause
    const why = reason === undefined ? '' : ` after: ${reason.message}`
    const error = new ClientError('BREAKER_OPEN', `${this.name}: the breaker is open${why}`, { cause })
    this.count(error)
    setImmediate(() => call.fail(error))
  }
}

/** Fails the call when the signal says so. Returns false if it has said so already. */
function followSignal(call: Call, signal: AbortSignal): boolean {
  const abort = () => {
    call.fail(new ClientError('ABORTED', 'the call was aborted', { cause: signal.reason }))
    call.carrier?.abandon(call, false)
  }
  if (signal.aborted) {
    abort()
    return false
  }
  call.unfollow = onAbort(signal, abort)
  return true
}
