/** What it costs to choose the server of a key: CPU time and bytes allocated for each. `node scripts/bench.mjs selectors` */
import { createHash } from 'node:crypto'
import { createSelector } from '../../lib/client/servers/distributions/create-selector.js'
import { crc, md5Word, oneAtATime } from '../../lib/client/servers/distributions/hashes.js'
import { parseServers } from '../../lib/client/servers/server-address.js'

const KEYS = Array.from({ length: 1000 }, (_, index) => `user:profile:${index * 7919}`)
const ROUND_COUNT = 9
const TURNS_A_ROUND = 200
/** So few that the young generation is rarely collected meanwhile. */
const TURNS_BETWEEN_COLLECTIONS = 2
const SERVER_COUNTS = [3, 30]

type Act = (key: string) => number

function row(name: string, act: Act): void {
  runAll(act, TURNS_A_ROUND)
  const bytes = rounds(() => {
    const before = process.memoryUsage().heapUsed
    runAll(act, TURNS_BETWEEN_COLLECTIONS)
    return (process.memoryUsage().heapUsed - before) / (TURNS_BETWEEN_COLLECTIONS * KEYS.length)
  })
  const nanoseconds = rounds(() => {
    const start = process.cpuUsage()
    runAll(act, TURNS_A_ROUND)
    const { user, system } = process.cpuUsage(start)
    return ((user + system) * 1000) / (TURNS_A_ROUND * KEYS.length)
  })
  console.log(name.padEnd(28), nanoseconds.toFixed(0).padStart(6), bytes.toFixed(0).padStart(8))
}

/** The median. */
function rounds(measure: () => number): number {
  const figures = Array.from({ length: ROUND_COUNT }, measure)
  return figures.sort((left, right) => left - right)[ROUND_COUNT >> 1]!
}

function runAll(act: Act, turnCount: number): void {
  let sum = 0
  for (let turn = 0; turn < turnCount; turn++) for (const key of KEYS) sum += act(key)
  // The sum is looked at, so that no call can be left out.
  if (Number.isNaN(sum)) throw new Error('no number')
}

console.log('a key of 20 bytes                ns    bytes')
row('MD5 of node:crypto', (key) => createHash('md5').update(key).digest().readUInt32LE(0))
row('MD5', md5Word)
row('one-at-a-time', oneAtATime)
row('CRC-32', crc)
for (const count of SERVER_COUNTS)
  for (const distribution of ['ketama', 'consistent', 'modulo', 'jump', 'rendezvous'] as const) {
    const servers = parseServers(Array.from({ length: count }, (_, index) => `10.0.0.${index}`))
    const selector = createSelector(distribution, servers)
    row(`${distribution}, ${count} servers`, (key) => selector.pick(key))
  }
