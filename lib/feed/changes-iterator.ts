import type { Change } from './change.js'
import type { ChangesOptions, SubscriptionOptions } from './changes-options.js'
import { ChangesError } from './check-changes-options.js'
import type { Feed } from './feed.js'
import type { Subscription } from './subscriptions/subscription.js'

/** The changes of a feed, for `for await`. */
export function iterateChanges(
  feed: Feed,
  options: ChangesOptions,
): AsyncIterableIterator<Change, undefined> {
  return new ChangesIterator(feed, options)
}

/** A call of `next` that waits for its change. */
interface Step {
  resolve(result: IteratorResult<Change, undefined>): void
  reject(reason: unknown): void
}

/**
 * The subscription begins with the first step. It ends with the loop, the signal or the feed, even while a step waits: an async
 * generator would let `return` wait for the change that the step waits for.
 */
class ChangesIterator implements AsyncIterableIterator<Change, undefined> {
  private readonly feed: Feed
  private readonly options: SubscriptionOptions
  private readonly signal: AbortSignal | undefined
  private subscription: Subscription | undefined = undefined
  private readonly steps: Step[] = []
  private isOver = false
  /** Why it has ended, until a step is told. */
  private failure: { readonly reason: unknown } | undefined = undefined
  private readonly onAbort = (): void => this.fail(this.signal?.reason)

  constructor(feed: Feed, { signal, ...options }: ChangesOptions) {
    this.feed = feed
    this.options = options
    this.signal = signal
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Change, undefined>> {
    return new Promise((resolve, reject) => {
      this.steps.push({ resolve, reject })
      if (this.subscription === undefined && !this.isOver) this.begin()
      this.answer()
    })
  }

  return(): Promise<IteratorResult<Change, undefined>> {
    this.failure = undefined
    this.end()
    return Promise.resolve(OVER)
  }

  private begin(): void {
    const { feed, options, signal } = this
    if (signal?.aborted === true) {
      this.fail(signal.reason)
      return
    }
    const subscription = feed.subscribe(options)
    if (subscription === undefined) {
      this.fail(new ChangesError('too many subscribers', 'ERR_TOO_MANY_SUBSCRIBERS'))
      return
    }
    subscription.onReadable = () => this.answer()
    subscription.onEnd = () => this.end()
    signal?.addEventListener('abort', this.onAbort)
    this.subscription = subscription
  }

  /** Resolves the pending steps for which there is a change. */
  private answer(): void {
    const { steps } = this
    while (steps.length > 0) {
      const change = this.subscription?.next()
      if (change === undefined && !this.isOver) return
      const { resolve, reject } = steps.shift()!
      const { failure } = this
      this.failure = undefined
      if (change !== undefined) resolve({ value: change, done: false })
      else if (failure !== undefined) reject(failure.reason)
      else resolve(OVER)
    }
  }

  private fail(reason: unknown): void {
    this.failure = { reason }
    this.end()
  }

  private end(): void {
    if (this.isOver) return
    this.isOver = true
    this.signal?.removeEventListener('abort', this.onAbort)
    this.subscription?.close()
    this.answer()
  }
}

const OVER: IteratorReturnResult<undefined> = { value: undefined, done: true }
