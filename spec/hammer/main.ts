/**
 * npm run soak -- --minutes 60 --threads 4 --seed 7: the hammer for any time, in rounds on the same servers.
 * npm run soak -- --requests 1000000000: one server under memcaslap, until it has answered so many requests.
 */
import { Random } from '../support/random.js'
import { type ServerProcess, startServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'
import { readWords, refuseWords } from '../support/words.js'
import { Hammer } from './hammer.js'
import { LOADS } from './loads.js'
import { soakWire } from './wire-soak.js'

const CONNECTION_COUNT = 32
const ROUND_MS = 10_000
const MEGABYTE = 1024 * 1024

const USAGE =
  'usage: npm run soak -- [--minutes NUMBER] [--threads NUMBER] [--seed INTEGER] | --requests NUMBER'

const { values } = readWords(USAGE, {
  minutes: { type: 'string', default: '10' },
  threads: { type: 'string', default: '2' },
  seed: { type: 'string' },
  requests: { type: 'string' },
})
const [minutes, threads] = [Number(values.minutes), Number(values.threads)]
const seed = values.seed === undefined ? new Random().seed : Number(values.seed)
const requestCount = values.requests === undefined ? undefined : Number(values.requests)
if (!(minutes > 0) || !(threads > 0) || !Number.isInteger(seed) || Number.isNaN(requestCount))
  refuseWords(USAGE)

if (requestCount !== undefined) {
  await soakWire(requestCount)
  process.exit()
}

const random = new Random(seed)
const endAt = Date.now() + minutes * 60_000
const servers: ServerProcess[] = []
for (const [, memoryMegabytes] of LOADS)
  servers.push(await startServer(withThreads(threads, ['-m', `${memoryMegabytes}`])))
console.log(`the seed is ${seed}`)
console.log(`${'requests'.padStart(12)}${'RSS MB'.padStart(8)}  clients of ${threads} threads`)
do {
  for (const [index, server] of servers.entries()) await playRound(server, index)
} while (Date.now() < endAt)
for (const server of servers) await server.stop()

async function playRound(server: ServerProcess, index: number): Promise<void> {
  const [title, , load] = LOADS[index]!
  const hammer = new Hammer(server, load, random)
  await hammer.run(CONNECTION_COUNT, ROUND_MS)
  const residentMegabytes = Math.round(server.residentLength / MEGABYTE)
  console.log(
    `${hammer.requestCount.toLocaleString('en').padStart(12)}${`${residentMegabytes}`.padStart(8)}  ${title}`,
  )
  if (hammer.faults.length === 0) return
  console.error(hammer.faults.join('\n'))
  process.exit(1)
}
