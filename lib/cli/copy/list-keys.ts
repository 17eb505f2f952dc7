import { setTimeout as sleep } from 'node:timers/promises'
import type { Endpoint } from '../../check/client/connection.js'
import { percentDecoded } from '../../client/changes/percent.js'
import { Refusal } from '../arguments/refusal.js'
import { ExitCode } from '../exit-codes.js'
import { listLines } from '../shell/cache/list-lines.js'
import { openClient } from '../shell/cache/open-client.js'
import { toolErrorOf } from '../shell/cache/tool-error.js'
import type { KeyList } from './key-list.js'

/**
 * Writes the keys of a server into the list, on a connection of its own: the list must be the only request on it. A walk over
 * the hash table finds every key. A walk over the LRU lists, all that older servers know, misses those that move meanwhile.
 */
export async function listKeys(
  endpoint: Endpoint,
  prefix: Buffer,
  list: KeyList,
  ending: AbortSignal,
): Promise<void> {
  const client = openClient(endpoint, 'text')
  try {
    let walk: 'hash' | 'all' = 'hash'
    for (let attempt = 1; ; attempt++) {
      await list.clear()
      const lines = listLines(client, 'lru_crawler', `metadump ${walk}`, DUMPED)
      let next = await lines.next()
      for (; next.done !== true && !ending.aborted; next = await lines.next()) {
        const [, name, size] = DUMPED.exec(next.value)!
        if (prefix.length === 0 || percentDecoded(name!).subarray(0, prefix.length).equals(prefix))
          await list.add(name!, Number(size ?? 0))
      }
      if (ending.aborted) return
      const refusal = next.value as string | undefined
      if (refusal === undefined) break
      if (walk === 'hash' && UNKNOWN.test(refusal)) {
        walk = 'all'
        continue
      }
      // One list at a time: another client has asked for one.
      if (!BUSY.test(refusal) || attempt === ATTEMPTS_MAX)
        throw new Refusal(ExitCode.PROTOCOL, `FROM does not list its keys: ${refusal || 'unknown command'}`)
      await sleep(PAUSE_MS)
    }
    await list.complete()
  } catch (error) {
    throw toolErrorOf(error, endpoint, 'text')
  } finally {
    await client.close()
  }
}

const DUMPED = /^key=(\S+)(?:.* size=(\d+))?/
const UNKNOWN = /^(?:CLIENT_)?ERROR/
const BUSY = /^BUSY|locked/
const PAUSE_MS = 500
const ATTEMPTS_MAX = 60
