import type { Change } from './change.js'
import { type Feed, Standing } from './feed.js'
import type { Subscription, SubscriptionOptions } from './subscription.js'

/** What a program wants to be told of changes. */
export interface ChangesOptions extends SubscriptionOptions {
  /** Ends the iteration, with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** The changes of a feed, for `for await`. The subscription begins with the first step, and ends with the loop or the feed. */
export async function* iterateChanges(
  feed: Feed,
  { signal, ...options }: ChangesOptions,
): AsyncGenerator<Change, void, undefined> {
  signal?.throwIfAborted()
  const subscription = feed.subscribe(options)
  if (subscription === undefined) throw new ChangesError('too many subscribers', 'ERR_TOO_MANY_SUBSCRIBERS')
  let isOver = false
  let wake = (): void => undefined
  const onAbort = (): void => wake()
  subscription.onReadable = () => wake()
  subscription.onEnd = () => {
    isOver = true
    wake()
  }
  signal?.addEventListener('abort', onAbort)
  try {
    while (!isOver) {
      signal?.throwIfAborted()
      const change = subscription.next()
      if (change !== undefined) yield change
      else await untilReadable(subscription, (resolve) => (wake = resolve))
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    subscription.close()
  }
}

/** Throws if a program asks for what cannot be. */
export function checkChangesOptions(feed: Feed | undefined, { since }: ChangesOptions): asserts feed is Feed {
  if (feed === undefined)
    throw new ChangesError('changes are off: start the server with `changes`', 'ERR_CHANGES_OFF')
  if (since !== undefined && feed.standingOf(since) === Standing.MALFORMED)
    throw new RangeError(`since: ${JSON.stringify(since)} is no position`)
}

/** Changes cannot be followed. */
export class ChangesError extends Error {
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

const untilReadable = (
  { isEmpty }: Subscription,
  listen: (resolve: () => void) => void,
): Promise<void> | undefined => (isEmpty ? new Promise(listen) : undefined)
