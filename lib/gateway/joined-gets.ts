import { Counter, type Counters } from '../metrics/counters.js'
import type { Status } from '../request/status.js'
import type { EngineCommand, ReplyListener, Router } from './engines/router.js'

/**
 * Gets of one key that arrive in one round of the event loop are sent once. None is answered from a get that was sent before
 * it came: so none is older than the last acknowledged change.
 */
export class JoinedGets {
  private readonly router: Router
  private readonly counters: Counters
  private joined = new Map<string, JoinedGet>()
  private readonly onRoundEnd = () => {
    const { joined } = this
    this.joined = new Map()
    for (const get of joined.values()) this.router.send(get.command, get)
    this.router.flush()
  }

  constructor(router: Router, counters: Counters) {
    this.router = router
    this.counters = counters
  }

  send(key: Buffer, command: EngineCommand, listener: ReplyListener): void {
    const name = key.toString('latin1')
    const get = this.joined.get(name)
    if (get !== undefined && get.listeners.length < JOINED_COUNT_MAX) {
      this.counters.count(Counter.gateway_joined)
      get.listeners.push(listener)
      return
    }
    if (get !== undefined) this.router.send(get.command, get)
    if (this.joined.size === 0) setImmediate(this.onRoundEnd)
    this.joined.set(name, new JoinedGet(command, listener))
  }
}

class JoinedGet implements ReplyListener {
  readonly command: EngineCommand
  readonly listeners: ReplyListener[]

  constructor(command: EngineCommand, listener: ReplyListener) {
    this.command = command
    this.listeners = [listener]
  }

  replied(reply: unknown): void {
    for (const listener of this.listeners) listener.replied(reply)
  }

  failed(status: Status): void {
    for (const listener of this.listeners) listener.failed(status)
  }
}

const JOINED_COUNT_MAX = 1024
