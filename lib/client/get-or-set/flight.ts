import { ClientError } from '../client-error.js'
import { onAbort } from '../on-abort.js'
import { DEADLINE_MS, type GetOrSetOptions } from './get-or-set-options.js'

/** One value that is being got or loaded, and the callers of this process that wait for it. */
export class Flight<Value> {
  private callerCount = 0
  private result: Promise<Value | undefined> | undefined

  /** Begins. The callers join it in the same turn. */
  start(produce: (flight: Flight<Value>) => Promise<Value | undefined>): void {
    this.result = produce(this)
    // Each caller gets the error; there may be none left.
    this.result.catch(() => {})
  }

  /** Whether nobody waits any more. */
  get isDeserted(): boolean {
    return this.callerCount === 0
  }

  /** What the flight results in, or a failure by the caller's own deadline or signal. */
  join({ deadline = DEADLINE_MS, signal }: GetOrSetOptions): Promise<Value | undefined> {
    this.callerCount++
    return new Promise<Value | undefined>((resolve, reject) => {
      const leave = () => {
        this.callerCount--
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
