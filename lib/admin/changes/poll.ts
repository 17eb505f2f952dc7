import type { Subscription } from '../../feed/subscriptions/subscription.js'
import { ADMIN_POLL_COUNT_MAX, WAIT_SECONDS_MAX } from '../../request/limits.js'
import type { Exchange } from '../http/exchange.js'
import type { Parameters } from '../http/parameters.js'
import { boundReading, untilRead } from '../http/slow-readers.js'
import { changeJson } from './change-json.js'

/**
 * One response with the changes that there are, as soon as there are some, or without any after `wait` seconds:
 *
 *     {"events":[…],"position":"<since of the next poll>"}
 *
 * An initial list is always whole: nobody could continue in the middle of it.
 */
export function poll(
  parameters: Parameters,
): (exchange: Exchange, subscription: Subscription) => Promise<void> {
  const limit = parameters.integer('limit', { min: 1, max: ADMIN_POLL_COUNT_MAX, default: LIMIT })
  const waitSeconds = parameters.integer('wait', { min: 0, max: WAIT_SECONDS_MAX, default: 0 })
  return (exchange, subscription) => new Poll(exchange, subscription, limit).run(waitSeconds)
}

class Poll {
  private readonly exchange: Exchange
  private readonly subscription: Subscription
  private readonly limit: number
  private count = 0
  /** Where to continue after what was sent; undefined in the middle of a list. */
  private position: string | undefined = undefined
  /** The server ends, or the client has gone. */
  private isEnding = false
  private wake: () => void = () => undefined

  constructor(exchange: Exchange, subscription: Subscription, limit: number) {
    this.exchange = exchange
    this.subscription = subscription
    this.limit = limit
    const end = (): void => {
      this.isEnding = true
      this.wake()
    }
    exchange.response.once('close', end)
    subscription.onEnd = end
    subscription.onReadable = () => this.wake()
  }

  async run(waitSeconds: number): Promise<void> {
    const { request, response } = this.exchange
    const deadlineMs = performance.now() + waitSeconds * 1000
    request.socket.setTimeout(0)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"events":[')
    while (!this.isEnding) {
      const mayGoOn = this.sendSome()
      if (this.isOver(deadlineMs)) break
      await (mayGoOn ? this.untilWoken(deadlineMs) : untilRead(response))
    }
    boundReading(response)
    response.end(`\n],"position":${JSON.stringify(this.position ?? null)}}\n`)
  }

  /** False if the client has to read first. */
  private sendSome(): boolean {
    const { subscription, exchange } = this
    let mayGoOn = true
    while (mayGoOn && !this.isFull) {
      const change = subscription.next()
      if (change === undefined) break
      this.position = change.position ?? this.position
      // Only tells the position, which is at the end of the response.
      if (change.kind === 'position') continue
      mayGoOn = exchange.response.write(`${this.count++ === 0 ? '\n' : ',\n'}${changeJson(change)}`)
    }
    this.position = subscription.position ?? this.position
    return mayGoOn
  }

  private get isFull(): boolean {
    return this.count >= this.limit && this.position !== undefined
  }

  private isOver(deadlineMs: number): boolean {
    const { isEmpty, isFollowing } = this.subscription
    if (this.isFull) return true
    return isEmpty && isFollowing && (this.count > 0 || performance.now() >= deadlineMs)
  }

  /** Until there are more changes, or until the deadline. */
  private untilWoken(deadlineMs: number): Promise<void> {
    const { subscription } = this
    if (!subscription.isEmpty) return Promise.resolve()
    // That all has been read is not announced.
    const restMs = subscription.isFollowing ? Math.max(0, deadlineMs - performance.now()) : LOOK_MS
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, restMs)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

const LIMIT = 1000
const LOOK_MS = 5
