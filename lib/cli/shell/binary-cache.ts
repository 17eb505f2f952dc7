import { BinaryClient, expectOk, isStatus } from '../../check/client/binary-client.js'
import type { Endpoint } from '../../check/client/connection.js'
import type { Statistic } from '../../check/client/open-client.js'
import { type ReplyFrame, readExtras } from '../../protocol/index.js'
import type { Cache, Item, StoreMode, StoreTerms } from './cache.js'

/** An expiry that means: do not create the counter. */
const NO_COUNTER = 0xffff_ffff

export class BinaryCache implements Cache {
  private readonly client: BinaryClient

  private constructor(client: BinaryClient) {
    this.client = client
  }

  static async open(endpoint: Endpoint): Promise<BinaryCache> {
    return new BinaryCache(await BinaryClient.open(endpoint))
  }

  version(): Promise<string> {
    return this.client.version()
  }

  async get(key: string): Promise<Item | undefined> {
    const reply = await this.client.ask('get', { key })
    if (!found(reply)) return undefined
    return { value: reply.value, flags: readExtras(reply)?.clientFlags ?? 0, cas: reply.cas }
  }

  async store(
    mode: StoreMode,
    key: string,
    value: Buffer,
    { flags, expiry, cas }: StoreTerms,
  ): Promise<boolean> {
    const isJoined = mode === 'append' || mode === 'prepend'
    const extras = isJoined ? {} : { clientFlags: flags, expiry: expiryOnWire(expiry) }
    const reply = await this.client.ask(mode, { key, value, cas, extras })
    const isRefused =
      isStatus(reply, 'EXISTS') || isStatus(reply, 'NOT_FOUND') || isStatus(reply, 'NOT_STORED')
    return !isRefused && isStatus(expectOk(reply), 'OK')
  }

  async remove(key: string): Promise<boolean> {
    return found(await this.client.ask('delete', { key }))
  }

  async count(
    key: string,
    delta: bigint,
    initial: bigint | undefined,
    expiry: number,
  ): Promise<bigint | undefined> {
    const [opcode, amount] = delta < 0n ? ['decrement', -delta] : ['increment', delta]
    const extras = {
      delta: amount as bigint,
      initial: initial ?? 0n,
      expiry: initial === undefined ? NO_COUNTER : expiryOnWire(expiry),
    }
    const reply = await this.client.ask(opcode as string, { key, extras })
    return found(reply) ? reply.value.readBigUInt64BE() : undefined
  }

  async touch(key: string, expiry: number): Promise<boolean> {
    return found(await this.client.ask('touch', { key, extras: { expiry: expiryOnWire(expiry) } }))
  }

  statistics(group: string): Promise<Statistic[] | undefined> {
    return this.client.statistics(group)
  }

  async flush(delay: number): Promise<void> {
    expectOk(await this.client.ask('flush', { extras: delay === 0 ? {} : { expiry: delay } }))
  }

  close(): void {
    this.client.close()
  }
}

const found = (reply: ReplyFrame): boolean => !isStatus(reply, 'NOT_FOUND') && isStatus(expectOk(reply), 'OK')

/** Numbers of the binary protocol have no sign. One second beyond 30 days is a time in 1970: the item expires at once too. */
const expiryOnWire = (expiry: number): number => (expiry < 0 ? LONG_PAST : expiry)
const LONG_PAST = 30 * 24 * 60 * 60 + 1
