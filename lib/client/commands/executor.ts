import type { MessageKey } from '../../protocol/client/request-message.js'
import type { Call } from '../calls/call.js'

/** What the commands need: something that takes calls to servers. `Client` has one; others can be built. */
export interface Executor {
  /** Whether the servers are known. Until then nothing else is asked but `whenReady`. */
  readonly isReady: boolean
  whenReady(options: CallOptions | undefined): Promise<void>
  /** Of calls without a `timeout` of their own. */
  readonly timeoutMs: number
  /** The server that has a key. */
  targetOf(key: MessageKey): Target
  /** All servers. */
  targets(): readonly Target[]
}

export interface Target {
  readonly name: string
  /**
   * Settles the call: feeds it the messages of its reply (`isLast`, `read`), or fails it. Never throws.
   */
  execute(call: Call, options: CallOptions | undefined): void
}

export interface CallOptions {
  /** Milliseconds until the call fails, for everything: waiting for a connection, connecting, the reply. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** Executes the call. Returns what it settles with. */
export function executed<Result>(
  target: Target,
  call: Call<Result>,
  options: CallOptions | undefined,
): Promise<Result> {
  const promise = call.promise()
  target.execute(call, options)
  return promise
}
