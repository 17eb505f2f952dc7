import type { Random } from '../support/random.js'
import type { ServerProcess } from '../support/server.js'
import { Actor } from './actor.js'
import { Client } from './client.js'

/** What the actors do, and with how much. */
export interface Load {
  /** Keys that all actors set, remove and touch. */
  readonly keyCount: number
  readonly valueLengthMax: number
  /** Everything fits and nothing is flushed: an item may only be missing if an actor has removed it. */
  readonly keepsAll: boolean
  /** New keys during the run, which are never removed: the index grows. */
  readonly grows: boolean
  readonly flushes: boolean
}

export const APPENDED_KEYS = ['list:0', 'list:1']
export const COUNTER_KEYS = ['count:0', 'count:1']
export const CAS_KEYS = ['cas:0', 'cas:1']

/** What all actors know of the server: what they have seen, and what went wrong. */
export class Hammer {
  readonly load: Load
  readonly random: Random
  readonly faults: string[] = []
  requestCount = 0
  /** The latest cas of a key that any actor has received: no later request may see an earlier one. */
  readonly latest = new Map<string, bigint>()
  readonly added = new Map<string, bigint>()
  /** Each number that an increment returned, once. */
  readonly numbersSeen = new Set<string>()
  readonly wonCounts = new Map<string, number>()
  readonly entries = new Map(APPENDED_KEYS.map((key) => [key, [] as string[]]))
  readonly newKeys: string[] = []
  flushesBegun = 0
  flushesEnded = 0
  private isOver = false
  private readonly server: ServerProcess
  private clients: Client[] = []

  constructor(server: ServerProcess, load: Load, random: Random) {
    this.server = server
    this.load = load
    this.random = random
  }

  get goesOn(): boolean {
    return !this.isOver && this.faults.length === 0
  }

  fault(sentence: string): void {
    this.faults.push(sentence)
  }

  /** Lets this many connections work for this long, and checks what is left. */
  async run(connectionCount: number, ms: number): Promise<void> {
    const opening = Array.from({ length: connectionCount }, () => this.server.connect())
    this.clients = (await Promise.all(opening)).map((connection) => new Client(connection))
    const [first] = this.clients
    await first!.flush()
    for (const key of CAS_KEYS) await first!.set(key, Buffer.from('0'))
    for (const key of APPENDED_KEYS) await first!.set(key, Buffer.alloc(0))
    const timer = setTimeout(() => {
      this.isOver = true
    }, ms)
    const actors = this.clients.map((client, number) => new Actor(this, client, number))
    await Promise.all(actors.map((actor) => actor.work()))
    clearTimeout(timer)
    if (this.load.keepsAll) for (const client of this.clients.slice(0, 2)) await this.checkTotals(client)
    for (const client of this.clients) client.close()
  }

  private async checkTotals(client: Client): Promise<void> {
    for (const [key, sum] of this.added) await this.expect(client, key, `${sum}`)
    for (const key of CAS_KEYS) await this.expect(client, key, `${this.wonCounts.get(key) ?? 0}`)
    for (const key of APPENDED_KEYS) await this.checkList(client, key)
    const foundCount = await client.countOf(this.newKeys)
    if (foundCount !== this.newKeys.length) this.fault(`${this.newKeys.length - foundCount} keys are lost`)
  }

  private async expect(client: Client, key: string, wanted: string): Promise<void> {
    const found = `${(await client.get(key)).value}`
    if (found.trimEnd() !== wanted) this.fault(`${key} is ${found} instead of ${wanted}`)
  }

  /** Every entry is there, once. */
  private async checkList(client: Client, key: string): Promise<void> {
    const found = `${(await client.get(key)).value}`.split(';').slice(0, -1)
    const told = this.entries.get(key)!
    if (found.length !== told.length) this.fault(`${key} has ${found.length} entries of ${told.length}`)
    const missing = new Set(told)
    for (const entry of found) missing.delete(entry)
    if (missing.size > 0) this.fault(`${key} has lost ${[...missing].slice(0, 3)}`)
  }
}
