// The process that calls the client library alone: library-load.js PORT KIND. The commands are those that a gateway sends. It is
// told what to run by messages.
import { Redis } from 'iovalkey'
import { itemBytes } from '../../../lib/gateway/items/item-format.js'
import { STORE } from '../../../lib/gateway/scripts/change-scripts.js'
import { cpuSeconds } from '../support/usage.js'
import { type EngineRun, KEY_COUNT, keyAt, type LoadOrder, Times, VALUE } from './runs.js'

const [port, kind] = process.argv.slice(2)
process.once('disconnect', () => process.exit())

const connect = (): Redis => new Redis({ port: Number(port), enableAutoPipelining: kind === 'pipelined' })
const client = connect()
/** For callers that have a connection each. */
const others: Redis[] = []
const keys = Array.from({ length: KEY_COUNT }, (_, index) =>
  Buffer.concat([Buffer.from('kc:'), keyAt(index)]),
)
const item = itemBytes({ flags: 0, cas: 1n, accessTime: 0, value: VALUE })
const NO_FLAGS = Buffer.alloc(4)

await client.script('LOAD', STORE.source)
for (const key of keys) await client.set(key, item)

const CALLS = {
  get: (own: Redis, key: Buffer) => own.getBuffer(key),
  // As change-handlers.ts begins a set.
  set: (own: Redis, key: Buffer) => own.evalsha(STORE.hash, 1, key, 'S', '', '', NO_FLAGS, 'N', '', VALUE),
}

async function run({ command, count, seconds }: LoadOrder): Promise<EngineRun> {
  const call = CALLS[command]
  const times = new Times()
  const cpuBefore = cpuSeconds(process.pid)
  const start = performance.now()
  const end = start + seconds * 1000
  let requestCount = 0
  while (kind === 'separate' && others.length < count) others.push(connect())
  const play = async (index: number): Promise<void> => {
    const own = others[index] ?? client
    for (let sentMs = start; sentMs < end; requestCount++) {
      sentMs = performance.now()
      await call(own, keys[requestCount % KEY_COUNT]!)
      times.note(sentMs)
    }
  }
  await Promise.all(Array.from({ length: count }, (_, index) => play(index)))
  const elapsed = (performance.now() - start) / 1000
  return { requestCount, seconds: elapsed, cpuSeconds: cpuSeconds(process.pid) - cpuBefore, p50: times.p50 }
}

process.on('message', async (order) => process.send?.(await run(order as LoadOrder)))
process.send?.('ready')
