// node scripts/bench.mjs stall: how long gets wait while 1 GB is full and sets evict. See README.md.
import { parseArgs } from 'node:util'
import { type Stalls, stalls } from './stall/stalls.js'
import { CAN_PIN, moveToLoadCore } from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { grouped, NOTHING, tableLine } from './support/table.js'

const HELP = `node scripts/bench.mjs stall [OPTIONS]
Latencies of single gets while a server with 1 GB full takes sets of mixed sizes and evicts.

  --seconds N         how long to measure (20)
${SERVER_HELP}`

const WIDTHS = [12, 10, 9, 10, 9, 9, 9, 17, 9]

await runProgram('stall', HELP, async (given) => {
  const options = { seconds: { type: 'string', default: '20' }, ...SERVER_OPTIONS } as const
  const { values } = parseArgs({ args: given, options })
  const seconds = positive('--seconds', values.seconds)
  moveToLoadCore()
  if (!CAN_PIN) console.log('not pinned to cores: the load may take time from the server')
  console.log(tableLine(WIDTHS, ['', '', 'CPU', 'get, ms', '', '', '', 'event loop, ms', '']))
  console.log(tableLine(WIDTHS, ['', 'sets/s', 'µs/set', 'p50', 'p99', 'p99.9', 'max', 'p99.9', 'max']))
  for (const kind of serverKinds(values)) console.log(line(kind, await stalls(kind, seconds)))
})

function line({ name }: ServerKind, measured: Stalls): string {
  const { setsPerSecond, cpuMicrosecondsPerSet, latencies, loopDelays } = measured
  const percentiles = [0.5, 0.99, 0.999, 1].map((share) => milliseconds(percentile(latencies, share)))
  const delays = [loopDelays?.late999, loopDelays?.latest].map(milliseconds)
  const cpu = cpuMicrosecondsPerSet.toFixed(2)
  return tableLine(WIDTHS, [name, grouped(setsPerSecond), cpu, ...percentiles, ...delays])
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1]!
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? NOTHING : value.toFixed(2)
}
