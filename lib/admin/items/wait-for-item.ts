import type { Feed } from '../../feed/feed.js'
import type { KeyWaiter } from '../../feed/waiters.js'
import { Status } from '../../request/status.js'
import type { LocalReply } from '../../server/workers/local-requests.js'
import type { Exchange } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'

export interface Wait {
  readonly feed: Feed
  /** What `get` returned until now; 0: nothing. */
  readonly after: bigint
  readonly deadlineMs: number
}

/**
 * Gets an item until its cas differs from `after`, or it is missing; with 0, until there is one; or until time is up. Like `mw`
 * of the meta protocol. Returns the last reply.
 */
export async function waitForItem(
  { admin, request, response }: Exchange,
  key: Buffer,
  { feed, after, deadlineMs }: Wait,
  get: () => Promise<LocalReply>,
): Promise<LocalReply> {
  if (!feed.mayWait) throw new HttpError(429, 'too many requests wait for a key')
  const waiter = new ItemWaiter(feed, key.toString('latin1'), deadlineMs)
  const end = (): void => waiter.wake(true)
  request.socket.setTimeout(0)
  response.once('close', end)
  admin.streams.add(end)
  // Before the item is looked at, so that no change comes between.
  feed.wait(waiter)
  try {
    for (;;) {
      waiter.hasChanged = false
      const reply = await get()
      if (hasHappened(reply, after) || waiter.isOver || performance.now() >= deadlineMs) return reply
      await waiter.untilWoken()
    }
  } finally {
    // It may be about to be woken once more.
    waiter.isOver = true
    feed.endWaiting(waiter)
    admin.streams.delete(end)
    response.off('close', end)
  }
}

export const hasHappened = ({ status, cas }: LocalReply, after: bigint): boolean =>
  status === Status.OK ? cas !== after : status !== Status.NOT_FOUND || after !== 0n

/** Waits again as soon as it is woken: while it waits the feed keeps reading. */
class ItemWaiter implements KeyWaiter {
  readonly key: string
  deadlineMs: number
  hasChanged = false
  isOver = false
  private readonly feed: Feed
  private onWoken: () => void = () => undefined

  constructor(feed: Feed, key: string, deadlineMs: number) {
    this.feed = feed
    this.key = key
    this.deadlineMs = deadlineMs
  }

  wake(isTimeUp: boolean): void {
    this.hasChanged = true
    if (isTimeUp) this.isOver = true
    else if (!this.isOver) this.feed.wait(this)
    this.onWoken()
  }

  untilWoken(): Promise<void> {
    if (this.hasChanged) return Promise.resolve()
    return new Promise((resolve) => {
      this.onWoken = resolve
    })
  }
}
