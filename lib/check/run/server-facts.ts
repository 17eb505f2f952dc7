import { BinaryClient } from '../client/binary-client.js'
import type { Endpoint } from '../client/connection.js'
import { TextClient } from '../client/text-client.js'

export type Software = 'memcached' | 'keepcached'

/** What a server reports about itself. Checks and known differences depend on it. */
export interface ServerFacts {
  readonly version: string
  readonly software: Software
  readonly itemSizeMax: number
  readonly asksForSasl: boolean
}

const ITEM_SIZE_MAX = 1024 * 1024

export async function askFacts(endpoint: Endpoint, isBinary: boolean): Promise<ServerFacts> {
  const client = await (isBinary ? BinaryClient : TextClient).open(endpoint)
  try {
    const version = await client.version()
    const general = new Map(await client.statistics(''))
    const settings = new Map(await client.statistics('settings'))
    return {
      version,
      // keepcached reports libuv as its event library.
      software: general.get('libevent')?.startsWith('libuv') ? 'keepcached' : 'memcached',
      itemSizeMax: Number(settings.get('item_size_max') ?? ITEM_SIZE_MAX),
      asksForSasl: settings.get('auth_enabled_sasl') === 'yes',
    }
  } finally {
    client.close()
  }
}

/** Whether a version is that one or a later one. Versions are numbers with dots; any text after them is ignored. */
export function isSince(version: string, first: string): boolean {
  const [numbers, firstNumbers] = [version, first].map((text) =>
    (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number),
  )
  for (const [index, number] of firstNumbers!.entries()) {
    const mine = numbers![index] ?? 0
    if (mine !== number) return mine > number
  }
  return true
}
