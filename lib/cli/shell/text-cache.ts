import type { Endpoint } from '../../check/client/connection.js'
import type { Statistic } from '../../check/client/open-client.js'
import { TextClient } from '../../check/client/text-client.js'
import { ExitCode } from '../exit-codes.js'
import { Refusal } from '../refusal.js'
import type { Cache, Item, StoreMode, StoreTerms } from './cache.js'

export class TextCache implements Cache {
  private readonly client: TextClient

  private constructor(client: TextClient) {
    this.client = client
  }

  static async open(endpoint: Endpoint): Promise<TextCache> {
    return new TextCache(await TextClient.open(endpoint))
  }

  version(): Promise<string> {
    return this.client.version()
  }

  async get(key: string): Promise<Item | undefined> {
    const { words, data } = await this.client.ask(`gets ${wordOf(key)}`)
    if (data === undefined) return undefined
    const [, , flags, , cas = '0'] = words
    await this.client.readLine()
    return { value: data, flags: Number(flags), cas: BigInt(cas) }
  }

  async store(
    mode: StoreMode,
    key: string,
    value: Buffer,
    { flags, expiry, cas }: StoreTerms,
  ): Promise<boolean> {
    const verb = cas === 0n ? mode : 'cas'
    if (verb === 'cas' && mode !== 'set')
      throw new Refusal(ExitCode.USAGE, `--cas: the text protocol has no ${mode} with a cas`)
    const line = `${verb} ${wordOf(key)} ${flags} ${expiry} ${value.length}${cas === 0n ? '' : ` ${cas}`}`
    return isWord(await this.client.ask(line, value), 'STORED')
  }

  async remove(key: string): Promise<boolean> {
    return isWord(await this.client.ask(`delete ${wordOf(key)}`), 'DELETED')
  }

  /** The text protocol creates no counters: a missing one is added, unless another client was faster. */
  async count(
    key: string,
    delta: bigint,
    initial: bigint | undefined,
    expiry: number,
  ): Promise<bigint | undefined> {
    const [verb, amount] = delta < 0n ? ['decr', -delta] : ['incr', delta]
    const line = `${verb} ${wordOf(key)} ${amount}`
    const { words } = await this.client.ask(line)
    if (words[0] !== 'NOT_FOUND') return BigInt(words[0]!)
    if (initial === undefined) return undefined
    const terms = { flags: 0, expiry, cas: 0n }
    if (await this.store('add', key, Buffer.from(`${initial}`), terms)) return initial
    const again = await this.client.ask(line)
    return isWord(again, 'NOT_FOUND') ? undefined : BigInt(again.words[0]!)
  }

  async touch(key: string, expiry: number): Promise<boolean> {
    return isWord(await this.client.ask(`touch ${wordOf(key)} ${expiry}`), 'TOUCHED')
  }

  statistics(group: string): Promise<Statistic[] | undefined> {
    return this.client.statistics(group)
  }

  async flush(delay: number): Promise<void> {
    await this.client.ask(`flush_all ${delay}`)
  }

  close(): void {
    this.client.close()
  }
}

const isWord = ({ words }: { readonly words: readonly string[] }, word: string): boolean => words[0] === word

/** A key is between spaces, on a line. */
function wordOf(key: string): string {
  if ([...key].some((character) => character <= ' ' || character === '\x7f'))
    throw new Refusal(ExitCode.USAGE, 'the text protocol has no keys with spaces or control characters')
  return key
}
