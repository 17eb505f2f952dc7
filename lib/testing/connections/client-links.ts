import { Counter } from '../../metrics/counters.js'
import { Connection } from '../../server/connection/connection.js'
import type { Worker } from '../../server/connection/worker.js'
import type { Accepted } from '../../server/wires/open-wire.js'
import type { Encryption } from '../../server/wires/tls-wire.js'
import type { Effect } from '../faults/effect.js'
import type { Faults } from '../faults/faults.js'
import type { SeededRandom } from '../faults/random.js'
import type { ConnectionFacts } from './connection-facts.js'
import type { ReplyMark } from './reply-mark.js'
import { TestWire } from './test-wire.js'

/** The state of one connection in a test server. */
export interface ClientLink {
  readonly number: number
  readonly wire: TestWire
  readonly remoteAddress: string
  requestCount: number
  /** Some keys of a line have been answered, and others follow (text). */
  isWithinLine: boolean
  /** An error has taken the place of a line's reply: what its other keys find is not sent (text). */
  dropsRestOfLine: boolean
  /** The fault of a line's reply, from one of its keys on (text). */
  lineMark: ReplyMark | undefined
  /** Its request has been counted, and is run later: it waits for its value, or for a change of a key. */
  isCounted: boolean
  /** The fault of that request. */
  heldEffect: Effect | undefined
  /** A fault closes it: requests behind that one are not run. */
  isClosing: boolean
  /** The test has closed it: it is a connection until its socket says so. */
  isDropped: boolean
}

/** The connections of a test server, numbered from 1. */
export class ClientLinks {
  /** By their numbers. */
  readonly all = new Map<number, ClientLink>()
  private readonly random: SeededRandom
  private readonly faults: Faults
  private nextNumber = 1
  private readonly whenNone: (() => void)[] = []

  constructor(random: SeededRandom, faults: Faults) {
    this.random = random
    this.faults = faults
  }

  /** Serves a connection that has been counted. */
  serve(worker: Worker, accepted: Accepted, encryption: Encryption | undefined): ClientLink {
    const number = this.nextNumber++
    unref(accepted)
    const connection = new Connection(worker, number, () => {
      this.all.delete(number)
      // The client has left before its request was run.
      if (link.heldEffect !== undefined) this.faults.takeBack(link.heldEffect)
      if (this.all.size === 0) for (const tell of this.whenNone.splice(0)) tell()
    })
    const wire = new TestWire(accepted, connection, encryption, this.random)
    connection.wire = wire
    const { remoteAddress, localAddress } = wire
    connection.name(`tcp:${remoteAddress}`, `tcp:${localAddress}`)
    worker.counters.count(Counter.total_connections)
    const link: ClientLink = {
      ...{ number, wire, remoteAddress },
      requestCount: 0,
      isWithinLine: false,
      dropsRestOfLine: false,
      lineMark: undefined,
      isCounted: false,
      heldEffect: undefined,
      isClosing: false,
      isDropped: false,
    }
    this.all.set(number, link)
    return link
  }

  get facts(): ConnectionFacts[] {
    return [...this.all.values()]
      .filter(({ isDropped }) => !isDropped)
      .map(({ number, remoteAddress, requestCount }) => ({ number, remoteAddress, requestCount }))
  }

  /** Closes one of them at once. False if there is none of that number. */
  drop(number: number): boolean {
    const link = this.all.get(number)
    if (link === undefined || link.isDropped) return false
    destroy(link)
    return true
  }

  /** Closes all of them at once. Resolves when they are gone. */
  dropAll(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (this.all.size === 0) resolve()
      else this.whenNone.push(resolve)
    })
    for (const link of [...this.all.values()]) destroy(link)
    return gone
  }
}

function destroy(link: ClientLink): void {
  link.isDropped = true
  link.wire.destroy()
}

/** A client that is still connected does not keep the process alive. */
function unref(accepted: Accepted): void {
  ;(accepted as { unref?(): void }).unref?.()
}
