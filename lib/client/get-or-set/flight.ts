import { ClientError } from '../client-error.js'
import { onAbort } from '../on-abort.js'
import { DEADLINE_MS, type GetOrSetOptions } from './get-or-set-options.js'

/** One value that is being got or loaded, and the callers of this process that wait for it. */
export class Flight<Value> {
  /** What fails each caller that waits. */
  private readonly callers = new Set<(error: Error) => void>()
  private result: Promise<Value> | undefined

  /** Begins. The callers join it in the same turn. */
  start(produce: (flight: Flight<Value>) => Promise<Value>): void {
    this.result = produce(this)
    // Each caller gets the error; there may be none left.
    this.result.catch(() => {})
  }

  /** Whether nobody waits any more. */
  get isDeserted(): boolean {
    return this.callers.size === 0
  }

  /** Fails all callers. What is loaded meanwhile is dropped. */
  fail(error: Error): void {
    for (const failCaller of this.callers) failCaller(error)
  }

  /** What the flight results in, or a failure by the caller's own deadline or signal. */
  join({ deadline = DEADLINE_MS, signal }: GetOrSetOptions): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      const leave = () => {
        this.callers.delete(fail)
        clearTimeout(timer)
        unfollow?.()
      }
      const fail = (error: unknown) => {
        leave()
        reject(error)
      }
      const abort = () => fail(new ClientError('ABORTED', 'the call was aborted', { cause: signal?.reason }))
      const timer = setTimeout(
        () => fail(new ClientError('TIMEOUT', `no value within ${deadline} ms`)),
        Math.min(deadline, TIMER_MS_MAX),
      )
      this.callers.add(fail)
      const unfollow = signal?.aborted === false ? onAbort(signal, abort) : undefined
      if (signal?.aborted === true) {
        abort()
        return
      }
      this.result!.then((value) => {
        leave()
        resolve(value)
      }, fail)
    })
  }
}

/** The longest time of a timer of Node. */
const TIMER_MS_MAX = 0x7fff_ffff
