// node scripts/bench.mjs journal: the cost of keeping items, and the time of recovery. See README.md.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { recoveryFigures } from './journal/recovery.js'
import { stalls } from './stall/stalls.js'
import { inFolder } from './support/in-folder.js'
import { moveToLoadCore } from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { grouped, tableLine } from './support/table.js'
import { type Extent, extentOf } from './wire/extent.js'
import { cpuMicroseconds, median, pairRatios, requestsPerSecond } from './wire/figures.js'
import { measure } from './wire/measure.js'
import { SCENARIOS, type Scenario } from './wire/scenarios.js'

const HELP = `node scripts/bench.mjs journal [OPTIONS]
Sets with a journal and without, with a sync for each; recovery; stalls while a snapshot of 1 GB is written.

  --part NAME         only sets, always, recovery or snapshot
  --pairs N           runs of each server (5)
  --seconds N         length of a run (1); a snapshot is watched for twenty times as long
  --megabytes N       keys and values to recover (256)
${SERVER_HELP}`

const WIDTHS = [26, 14, 14, 10, 14]

await runProgram('journal', HELP, async (given) => {
  const options = {
    part: { type: 'string', default: '' },
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    megabytes: { type: 'string', default: '256' },
    ...SERVER_OPTIONS,
  } as const
  const { values } = parseArgs({ args: given, options })
  const extent = extentOf(values)
  const megabytes = positive('--megabytes', values.megabytes)
  const [plain] = serverKinds(values)
  moveToLoadCore()
  const isWanted = (part: string): boolean => values.part === '' || values.part === part
  if (isWanted('sets')) await compareSets(plain, extent)
  if (isWanted('always')) await countSynced(plain, extent)
  if (isWanted('recovery')) await inFolder((folder) => recover(plain, folder, megabytes))
  if (isWanted('snapshot')) await watchSnapshots(plain, extent.seconds * 20)
})

async function compareSets(plain: ServerKind, extent: Extent): Promise<void> {
  console.log(tableLine(WIDTHS, ['CPU µs/set', 'no journal', 'everysec', 'ratio']))
  for (const name of ['set, 1 in flight', 'set, 16 in flight'])
    await inFolder(async (folder) => {
      const kinds = [keeping(plain, join(folder, 'data')), plain]
      const [kept, without] = await measure(scenario(name), kinds, extent)
      const ratio = median(pairRatios(kept!.runs, without!.runs))
      const [cpu, cpuWithout] = [kept!, without!].map(({ runs }) => median(runs.map(cpuMicroseconds)))
      console.log(tableLine(WIDTHS, [name, cpuWithout!.toFixed(2), cpu!.toFixed(2), ratio.toFixed(2)]))
    })
}

async function countSynced(plain: ServerKind, extent: Extent): Promise<void> {
  await inFolder(async (folder) => {
    const kinds = [keeping(plain, join(folder, 'data'), '--fsync', 'always')]
    const [kept] = await measure(scenario('set, 1 in flight'), kinds, extent)
    const rate = median(kept!.runs.map(requestsPerSecond))
    console.log(`always, 50 connections with one set in flight each: ${grouped(rate)} sets/s`)
  })
}

async function recover(plain: ServerKind, folder: string, megabytes: number): Promise<void> {
  const { byteLength, seconds, itemCount } = await recoveryFigures(
    keeping(plain, join(folder, 'data')),
    megabytes,
  )
  const rate = byteLength / seconds / 1e6
  console.log(
    `recovery: ${grouped(itemCount)} items, ${grouped(byteLength)} bytes in ${seconds.toFixed(2)} s, ${grouped(rate)} MB/s`,
  )
}

async function watchSnapshots(plain: ServerKind, seconds: number): Promise<void> {
  await inFolder(async (folder) => {
    const kept = keeping(plain, join(folder, 'data'), '--snapshot-interval', '2')
    for (const kind of [plain, kept]) {
      const { latencies, loopDelays, setsPerSecond } = await stalls(kind, seconds)
      const longest = [latencies.at(-1)!, loopDelays?.latest ?? 0].map((ms) => ms.toFixed(2))
      const what = kind === kept ? 'while snapshots of 1 GB are written' : 'with no journal'
      console.log(
        `${what}: longest get ${longest[0]} ms, event loop ${longest[1]} ms, at ${grouped(setsPerSecond)} sets/s`,
      )
    }
  })
}

/** The same server, with a data directory. */
function keeping({ name, command }: ServerKind, directory: string, ...more: string[]): ServerKind {
  return { name, command: [...command, '--data', directory, ...more] }
}

function scenario(name: string): Scenario {
  return SCENARIOS.find((row) => row.name === name)!
}
