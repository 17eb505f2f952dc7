import type { Connection } from '../support/connection.js'
import { line } from '../support/text-replies.js'

/**
 * Increments counters over connections of a gateway, one increment of a counter at a time, and knows which values each may
 * have: an acknowledged increment tells the value, and each of unknown fate after it may have added 1.
 */
export class CountedLoad {
  acknowledgedCount = 0
  unknownCount = 0
  /** When replies failed, in milliseconds; the first and the last of each outage. */
  firstFailureMs = 0
  lastFailureMs = 0
  private isEnded = false
  private readonly players: readonly Player[]

  constructor(clients: readonly Connection[], counterCount: number) {
    this.players = clients.map(
      (client, index) =>
        new Player(
          client,
          Array.from({ length: counterCount }, (_, n) => new Counter(`counter-${index}-${n}`)),
        ),
    )
  }

  /** All counters begin at 0. */
  async begin(): Promise<void> {
    for (const { client, counters } of this.players) {
      const stored = counters.map(({ key }) => `set ${key} 0 0 1\r\n0`)
      const replies = await client.ask(stored)
      if (replies.some((reply) => reply !== 'STORED')) throw new Error(`not stored: ${replies}`)
    }
  }

  /** Resolves when it was ended; rejects at the first value that cannot be. */
  async run(): Promise<void> {
    await Promise.all(this.players.map((player) => this.play(player)))
  }

  end(): void {
    this.isEnded = true
  }

  /** The same after an end. */
  resume(): Promise<void> {
    this.isEnded = false
    return this.run()
  }

  /** Forgets the failures so far. */
  noteOutage(): void {
    this.firstFailureMs = 0
    this.lastFailureMs = 0
  }

  /** Compares the values that are stored in the end. */
  async check(): Promise<void> {
    for (const { client, counters } of this.players) {
      const replies = await client.ask(counters.map(({ key }) => `mg ${key} v`))
      for (const [index, counter] of counters.entries()) counter.compare(replies[index * 2 + 1]!, 0)
    }
  }

  private async play({ client, counters }: Player): Promise<void> {
    while (!this.isEnded) {
      const replies = await client.ask(counters.map(({ key }) => `incr ${key} 1`))
      for (const [index, counter] of counters.entries()) this.note(counter, replies[index]!)
    }
  }

  private note(counter: Counter, reply: string): void {
    if (reply !== FAILURE) {
      counter.compare(reply, 1)
      this.acknowledgedCount++
      return
    }
    counter.unknownCount++
    this.unknownCount++
    this.lastFailureMs = performance.now()
    if (this.firstFailureMs === 0) this.firstFailureMs = this.lastFailureMs
  }
}

class Player {
  readonly client: LineClient
  readonly counters: readonly Counter[]

  constructor(connection: Connection, counters: readonly Counter[]) {
    this.client = new LineClient(connection)
    this.counters = counters
  }
}

class Counter {
  readonly key: string
  /** The value that was told last, and the increments of unknown fate since. */
  value = 0
  unknownCount = 0

  constructor(key: string) {
    this.key = key
  }

  /** A reply after so many more increments. */
  compare(reply: string, incrementCount: number): void {
    const value = Number(reply)
    const least = this.value + incrementCount
    if (!(value >= least && value <= least + this.unknownCount))
      throw new Error(`${this.key}: ${reply} instead of ${least} to ${least + this.unknownCount}`)
    this.value = value
    this.unknownCount = 0
  }
}

class LineClient {
  private readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** The lines of the replies. */
  async ask(requests: readonly string[]): Promise<string[]> {
    this.connection.send(line([...requests, 'mn'].join('\r\n')))
    const replies = (await this.connection.receiveUntil(line('MN'))).toString('latin1')
    return replies.split('\r\n').slice(0, -2)
  }
}

const FAILURE = 'SERVER_ERROR temporary failure'
