// node scripts/bench.mjs misses: how often requested keys are missing in a cache. See README.md.
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { type CacheRequest, windowsOf } from './misses/cache-request.js'
import { Replay } from './misses/replay.js'
import { readTrace } from './misses/trace.js'
import { parseValueLengths } from './misses/value-lengths.js'
import { WORKLOADS, type Workload } from './misses/workloads.js'
import { runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { grouped, ratioOf, tableLine } from './support/table.js'

const HELP = `node scripts/bench.mjs misses [OPTIONS]
How often a server with 64 MB misses, of a client that gets, and sets what it missed.

  --workload TEXT     only workloads whose name contains this
  --trace FILE        a recorded one instead: CSV, also gzipped, with columns time,key,size,op,ttl
  --size MODEL        sizes of values where the trace has none: fixed:N or lognormal:MEDIAN,DEVIATION (fixed:400)
${SERVER_HELP}`

interface Misses {
  readonly requestCount: number
  readonly missCounts: readonly number[]
}

const WIDTHS = [30, 12, 12, 12, 8]

await runProgram('misses', HELP, async (given) => {
  const { values } = parseArgs({
    args: given,
    options: {
      workload: { type: 'string', default: '' },
      trace: { type: 'string' },
      size: { type: 'string', default: 'fixed:400' },
      ...SERVER_OPTIONS,
    },
  })
  const kinds = serverKinds(values)
  const workloads = values.trace === undefined ? WORKLOADS : [traced(values.trace, values.size)]
  const chosen = workloads.filter(({ name }) => name.includes(values.workload))
  if (chosen.length === 0) throw new Error(`no workload is called ${values.workload}`)

  console.log(tableLine(WIDTHS, ['', '', 'memcached', 'keepcached', '']))
  console.log(tableLine(WIDTHS, ['workload', 'requests', 'misses', 'misses', 'ratio']))
  const ratios: number[] = []
  for (const { name, requests } of chosen) {
    const { requestCount, missCounts } = await replay(requests, kinds)
    const [own, beside] = missCounts
    if (beside !== undefined) ratios.push(own! / beside)
    console.log(tableLine(WIDTHS, [name, ...[requestCount, beside, own].map(grouped), ratioOf(own!, beside)]))
  }
  if (ratios.length > 1)
    console.log(`geometric mean ${geometricMean(ratios).toFixed(3)}, worst ${Math.max(...ratios).toFixed(3)}`)
})

function traced(file: string, sizes: string): Workload {
  return { name: basename(file), requests: readTrace(file, parseValueLengths(sizes)) }
}

/** Sends the same requests to all servers, side by side. */
async function replay(requests: Iterable<CacheRequest>, kinds: readonly ServerKind[]): Promise<Misses> {
  const replays = await Promise.all(kinds.map(Replay.start))
  let requestCount = 0
  for (const window of windowsOf(requests)) {
    requestCount += window.length
    await Promise.all(replays.map((one) => one.play(window)))
  }
  await Promise.all(replays.map((one) => one.stop()))
  return { requestCount, missCounts: replays.map(({ missCount }) => missCount) }
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
