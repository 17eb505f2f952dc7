import { ClientError } from '../client-error.js'
import type { CallOptions, Executor } from './executor.js'

/** The deadline of a command that sends requests one after the other: all of them share its time. */
export class SharedDeadline<Options extends CallOptions> {
  private readonly options: Options | undefined
  private readonly timeoutMs: number
  private readonly startMs = performance.now()

  constructor({ timeoutMs }: Executor, options: Options | undefined) {
    this.options = options
    this.timeoutMs = options?.timeout ?? timeoutMs
  }

  /** What requests that cannot be sent any more fail with. */
  error(): ClientError {
    return new ClientError('TIMEOUT', 'the deadline of the call has passed before this part of it was sent')
  }

  /** The options of a request that begins now; undefined if no time is left. */
  optionsLeft(): Options | undefined {
    const timeout = this.timeoutMs - (performance.now() - this.startMs)
    return timeout > 0 ? ({ ...this.options, timeout } as Options) : undefined
  }
}

/** Waits for the first list of servers. Resolves to the options with the time that is left. */
export async function whenReady<Options extends CallOptions>(
  executor: Executor,
  options: Options | undefined,
): Promise<Options> {
  const deadline = new SharedDeadline(executor, options)
  await executor.whenReady(options)
  const left = deadline.optionsLeft()
  if (left === undefined) throw deadline.error()
  return left
}
