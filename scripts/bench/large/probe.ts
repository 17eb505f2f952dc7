import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../support/client.js'
import { opcodeOf } from '../support/frames.js'
import { RequestWriter } from '../support/request-writer.js'

const KEY = 'probe'
const VALUE_LENGTH = 100
const GET = opcodeOf('get')
const PAUSE_MS = 1
/** A server that stalls longer is heard of. */
const STALL_MS = 10
/** The item may be evicted: so it is stored again. */
const STORE_EVERY = 1_000

export interface Probed<T> {
  readonly result: T
  readonly count: number
  readonly longestMs: number
  /** How many took longer than 10 ms. */
  readonly stallCount: number
  /** How late a timer of this process was at the most: of the longest get, so much may be the machine's. */
  readonly ownLongestMs: number
}

/** Gets one item every millisecond on a connection of its own, until the work is done. */
export async function probe<T>(port: number, work: Promise<T>): Promise<Probed<T>> {
  const client = await Client.connect(port)
  const writer = new RequestWriter()
  let [count, longestMs, stallCount, ownLongestMs] = [0, 0, 0, 0]
  let isDone = false
  const result = work.finally(() => {
    isDone = true
  })
  // Awaited below; until then, an error is not unhandled.
  result.catch(() => undefined)
  while (!isDone) {
    if (count % STORE_EVERY === 0) {
      writer.setQuietly(KEY, VALUE_LENGTH)
      writer.noop()
      await client.exchange(writer.take())
    }
    writer.get(KEY)
    const sent = performance.now()
    await client.exchange(writer.take(), undefined, GET)
    const answered = performance.now()
    await sleep(PAUSE_MS)
    const tookMs = answered - sent
    count++
    longestMs = Math.max(longestMs, tookMs)
    if (tookMs > STALL_MS) stallCount++
    ownLongestMs = Math.max(ownLongestMs, performance.now() - answered - PAUSE_MS)
  }
  client.close()
  return { result: await result, count, longestMs, stallCount, ownLongestMs }
}
