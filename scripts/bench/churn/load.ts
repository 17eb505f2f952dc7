import { Random } from '../../../spec/support/random.js'
import type { Client } from '../support/client.js'
import { RequestWriter } from '../support/request-writer.js'
import { cpuSeconds } from '../support/usage.js'

const SEED = 1
const VALUE_LENGTH_MIN = 200
const VALUE_LENGTH_MAX = 1_000
const REQUESTS_PER_BATCH = 64

/** A different length for every value, old or new. */
export function nextValueLength(random: Random): number {
  return VALUE_LENGTH_MIN + random.below(VALUE_LENGTH_MAX - VALUE_LENGTH_MIN + 1)
}

export function keyOf(index: number): string {
  return `key:${`${index}`.padStart(8, '0')}`
}

/** Fills a server, empties it and overwrites its items. Returns the CPU time of that, in seconds. */
export class Load {
  private readonly client: Client
  private readonly serverPid: number
  private readonly itemCount: number
  private readonly random = new Random(SEED)
  private readonly writer = new RequestWriter()

  constructor(client: Client, serverPid: number, itemCount: number) {
    this.client = client
    this.serverPid = serverPid
    this.itemCount = itemCount
  }

  fill(): Promise<number> {
    return this.send(this.itemCount, (index) => this.set(index))
  }

  empty(): Promise<number> {
    return this.send(this.itemCount, (index) => this.writer.deleteQuietly(keyOf(index)))
  }

  overwrite(setCount: number): Promise<number> {
    return this.send(setCount, () => this.set(this.random.below(this.itemCount)))
  }

  private set(index: number): void {
    this.writer.setQuietly(keyOf(index), nextValueLength(this.random))
  }

  private async send(requestCount: number, write: (index: number) => void): Promise<number> {
    const { client, writer } = this
    const before = cpuSeconds(this.serverPid)
    for (let sentCount = 0; sentCount < requestCount; ) {
      const end = Math.min(requestCount, sentCount + REQUESTS_PER_BATCH)
      while (sentCount < end) write(sentCount++)
      writer.noop()
      await client.exchange(writer.take())
    }
    return cpuSeconds(this.serverPid) - before
  }
}
