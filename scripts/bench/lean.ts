// node scripts/bench.mjs lean: what a server takes beside its items: processor time until it serves, and memory. See README.md.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Random } from '../../spec/support/random.js'
import { Client } from './support/client.js'
import { Filler, type ItemAt, MEGABYTE } from './support/filler.js'
import { runProgram } from './support/program.js'
import { Server } from './support/server.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { tableLine } from './support/table.js'
import { cpuSeconds, type Resident, resident } from './support/usage.js'

const HELP = `node scripts/bench.mjs lean [OPTIONS]
Processor time until a server with -m 64 has answered, and its memory: idle, and beyond the 64 MB once they are full.

${SERVER_HELP}`

interface Taken {
  readonly startMs: number
  readonly idle: Resident
  readonly full: Resident
}

const MEMORY_MEGABYTES = 64
/** Stored in all, in parts of the memory: items are evicted for most of the time. */
const FILLED = 3
/** Values of mixed lengths: most of 20 to 2,000 bytes, one in 50 up to 200 KB. */
const LENGTH_MIN = 20
const SPREAD = 100
const WIDE_SPREAD = 10_000
const WIDE_SHARE = 1 / 50
const BATCH_LENGTH = MEGABYTE / 4
const SETTLE_MS = 1_000
const ROUND_COUNT = 5
const SEED = 1
const WIDTHS = [12, 14, 12, 14, 16, 14, 16]

await runProgram('lean', HELP, async (given) => {
  const { values } = parseArgs({ args: given, options: SERVER_OPTIONS })
  const kinds = serverKinds(values)
  console.log(
    tableLine(WIDTHS, ['', 'start', 'idle', 'without files', 'full, beyond', 'without files', 'files']),
  )
  for (const kind of kinds) {
    const rounds: Taken[] = []
    for (let round = 0; round < ROUND_COUNT; round++) rounds.push(await measure(kind))
    console.log(tableLine(WIDTHS, [kind.name, ...cells(rounds)]))
  }
})

async function measure(kind: ServerKind): Promise<Taken> {
  const server = await Server.start(kind, { memoryMegabytes: MEMORY_MEGABYTES, connectionCount: 1 })
  const client = await Client.connect(server.port)
  await client.statistic('evictions')
  const startMs = cpuSeconds(server.pid) * 1000
  await sleep(SETTLE_MS)
  const idle = resident(server.pid)
  const filler = new Filler(client, mixedItems())
  for (let stored = 0; stored < FILLED * MEMORY_MEGABYTES * MEGABYTE; stored += BATCH_LENGTH)
    await filler.store(BATCH_LENGTH)
  if ((await client.statistic('evictions')) === 0) throw new Error(`${kind.name} has not evicted`)
  await sleep(SETTLE_MS)
  const full = resident(server.pid)
  client.close()
  await server.stop()
  return { startMs, idle, full }
}

/** The same items each time. */
function mixedItems(): ItemAt {
  const random = new Random(SEED)
  return (index) => {
    const spread = random.chance(WIDE_SHARE) ? WIDE_SPREAD : SPREAD
    const valueLength = Math.floor(LENGTH_MIN * spread ** (random.below(1_000_000) / 1_000_000))
    return { key: `key:${index}`, valueLength }
  }
}

function cells(rounds: readonly Taken[]): string[] {
  const middle = (figure: (taken: Taken) => number): number =>
    rounds.map(figure).sort((one, other) => one - other)[rounds.length >> 1]!
  const memory = (figure: (taken: Taken) => number, less = 0): string =>
    `${(middle(figure) / MEGABYTE - less).toFixed(1)} MB`
  return [
    `${middle(({ startMs }) => startMs).toFixed(0)} ms`,
    memory(({ idle }) => idle.bytes),
    memory(({ idle }) => idle.anonymousBytes),
    memory(({ full }) => full.bytes, MEMORY_MEGABYTES),
    memory(({ full }) => full.anonymousBytes, MEMORY_MEGABYTES),
    memory(({ full }) => full.bytes - full.anonymousBytes),
  ]
}
