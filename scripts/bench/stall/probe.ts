import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../support/client.js'
import { opcodeOf } from '../support/frames.js'
import { RequestWriter } from '../support/request-writer.js'

const KEY = 'probe'
const VALUE_LENGTH = 100
const GET = opcodeOf('get')
const PAUSE_MS = 1

/** How long single gets take, one after the other, in milliseconds, sorted. */
export async function getLatencies(client: Client, seconds: number): Promise<Float64Array> {
  const writer = new RequestWriter()
  writer.setQuietly(KEY, VALUE_LENGTH)
  writer.noop()
  await client.exchange(writer.take())
  writer.get(KEY)
  const request = writer.take()
  const latencies: number[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const sent = performance.now()
    await client.exchange(request, undefined, GET)
    latencies.push(performance.now() - sent)
    await sleep(PAUSE_MS)
  }
  return Float64Array.from(latencies).sort()
}
