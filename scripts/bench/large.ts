// node scripts/bench.mjs large: a memory of many gigabytes: items, random gets, stalls, recovery. See README.md.
import { parseArgs } from 'node:util'
import { keptFigures } from './large/kept.js'
import { LoadedServer } from './large/loaded-server.js'
import { type Probed, probe } from './large/probe.js'
import { MEGABYTE } from './support/filler.js'
import { inFolder } from './support/in-folder.js'
import { CAN_PIN, moveToLoadCore } from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { grouped, ratioOf, tableLine } from './support/table.js'
import { residentBytes } from './support/usage.js'
import { extentOf } from './wire/extent.js'
import { cpuMicroseconds, median, requestsPerSecond } from './wire/figures.js'

const HELP = `node scripts/bench.mjs large [OPTIONS]
A server with a large memory: how many items of 200 bytes fit, the CPU time of random gets over all of them, how long
gets wait while it is filled, evicts and takes a snapshot, and how fast the items are recovered from disk.

  --part NAME         only memory (items, gets, stalls) or data (recovery, snapshot)
  --megabytes N       the memory (16000); beyond 3500 keepcached needs Node.js 22
  --kept N            keys and values that are kept on disk, in MB (half of the memory); the disk holds 2.2 times that
  --pairs N           runs of gets (5), after one that is not counted
  --seconds N         length of a run (4)
${SERVER_HELP}`

interface Filled {
  readonly itemCount: number
  readonly cpuPerGet: readonly number[]
}

/** Stored after the first eviction, in parts of the memory. */
const OVERFILL = 1 / 4
const CONNECTION_COUNT = 60
const WIDTHS = [34, 16]

await runProgram('large', HELP, async (given) => {
  const options = {
    part: { type: 'string', default: '' },
    megabytes: { type: 'string', default: '16000' },
    kept: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    ...SERVER_OPTIONS,
  } as const
  const { values } = parseArgs({ args: given, options })
  const megabytes = positive('--megabytes', values.megabytes)
  const kept = positive('--kept', values.kept ?? `${megabytes / 2}`)
  const extent = extentOf(values)
  const kinds = serverKinds(values)
  moveToLoadCore()
  if (!CAN_PIN) console.log('not pinned to cores: the load may take time from the server')
  if (values.part !== 'data') {
    const filled: Filled[] = []
    for (const kind of kinds) filled.push(await measureMemory(kind, megabytes, extent))
    compare(filled)
  }
  if (values.part !== 'memory') await inFolder((folder) => measureData(kinds[0], folder, megabytes, kept))
})

async function measureMemory(
  kind: ServerKind,
  memoryMegabytes: number,
  extent: { pairCount: number; seconds: number },
): Promise<Filled> {
  console.log(`${kind.name}, -m ${memoryMegabytes}`)
  const loaded = await LoadedServer.start(kind, { memoryMegabytes, connectionCount: CONNECTION_COUNT })
  const { port, pid } = loaded.server
  const filling = await probe(port, loaded.run('fillUp', memoryMegabytes))
  show('items before the first eviction', grouped(filling.result))
  showStalls('filling', filling)

  await loaded.run('get', extent.seconds)
  const runs = []
  for (let run = 0; run < extent.pairCount; run++) runs.push(await loaded.run('get', extent.seconds))
  const cpuPerGet = runs.map(cpuMicroseconds)
  const [requestCount, missCount] = [sum(runs, 'requestCount'), sum(runs, 'missCount')]
  const spread = [Math.min(...cpuPerGet), Math.max(...cpuPerGet)].map((cpu) => cpu.toFixed(3)).join(' to ')
  show('CPU of a random get, µs', median(cpuPerGet).toFixed(3), spread)
  show('  gets a second', grouped(median(runs.map(requestsPerSecond))))
  show('  of these missed, %', ((100 * missCount) / requestCount).toFixed(2))

  try {
    showStalls('evicting', await probe(port, loaded.run('store', Math.ceil(memoryMegabytes * OVERFILL))))
  } catch (error) {
    // It refuses sets at times while its own threads move items.
    if (kind.name !== 'memcached') throw error
    show('longest get, ms: evicting', 'a set was refused')
  }
  show('RSS beyond -m, MB', (residentBytes(pid) / MEGABYTE - memoryMegabytes).toFixed(1))
  await loaded.kill()
  return { itemCount: filling.result, cpuPerGet }
}

function compare([keepcached, memcached]: readonly Filled[]): void {
  if (memcached === undefined) return
  const [own, beside] = [keepcached!, memcached]
  console.log('keepcached as a multiple of memcached')
  show('items', ratioOf(own.itemCount, beside.itemCount))
  show('CPU of a random get', ratioOf(median(own.cpuPerGet), median(beside.cpuPerGet)))
}

async function measureData(kind: ServerKind, folder: string, megabytes: number, kept: number): Promise<void> {
  console.log(`${kind.name}, -m ${megabytes}, with --data`)
  const { storing, recovery, snapshot } = await keptFigures(kind, folder, megabytes, kept)
  showStalls('storing', storing)
  const { itemCount, byteLength, seconds } = recovery
  show('recovery, MB/s', grouped(byteLength / seconds / 1e6))
  show('  items, bytes, seconds', grouped(itemCount), grouped(byteLength), seconds.toFixed(1))
  showStalls('a snapshot', snapshot)
  show('  bytes, seconds', grouped(snapshot.result.byteLength), snapshot.result.seconds.toFixed(1))
}

function showStalls(when: string, probed: Probed<unknown>): void {
  const { count, longestMs, stallCount, ownLongestMs } = probed
  show(`longest get, ms: ${when}`, longestMs.toFixed(2))
  show(
    '  above 10 ms',
    grouped(stallCount),
    `of ${grouped(count)}; the probe itself ${ownLongestMs.toFixed(2)} ms`,
  )
}

function show(what: string, ...figures: string[]): void {
  const [first, ...others] = figures
  console.log([tableLine(WIDTHS, [`  ${what}`, first!]), ...others].join('   '))
}

function sum<Name extends string>(rows: readonly Record<Name, number>[], name: Name): number {
  return rows.reduce((total, row) => total + row[name], 0)
}
