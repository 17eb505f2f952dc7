import type { Endpoint } from '../../connection/connection.js'
import { BinaryCache } from '../../shell/binary-cache.js'
import { TextCache } from '../../shell/text-cache.js'

export type Software = 'memcached' | 'keepcached'

/** What a server says about itself. Checks go by it, and known differences are told by it. */
export interface ServerFacts {
  readonly version: string
  readonly software: Software
  readonly itemSizeMax: number
  readonly asksForSasl: boolean
}

const ITEM_SIZE_MAX = 1024 * 1024

export async function askFacts(endpoint: Endpoint, isBinary: boolean): Promise<ServerFacts> {
  const cache = await (isBinary ? BinaryCache : TextCache).open(endpoint)
  try {
    const version = await cache.version()
    const general = new Map(await cache.statistics(''))
    const settings = new Map(await cache.statistics('settings'))
    return {
      version,
      // What stands for the library of events tells who is there.
      software: general.get('libevent')?.startsWith('libuv') ? 'keepcached' : 'memcached',
      itemSizeMax: Number(settings.get('item_size_max') ?? ITEM_SIZE_MAX),
      asksForSasl: settings.get('auth_enabled_sasl') === 'yes',
    }
  } finally {
    cache.close()
  }
}

/** Whether a version is that one or a later one. Versions are numbers with dots between; what follows them does not count. */
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
