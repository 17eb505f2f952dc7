// node scripts/bench.mjs workers: the gain of a second worker, for the store alone and for the whole server. See README.md.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, serverKinds } from './support/server-kinds.js'
import { tableLine } from './support/table.js'
import { type Extent, extentOf } from './wire/extent.js'
import { cpuMicroseconds, median, pairRatios, requestsPerSecond } from './wire/figures.js'
import { measure } from './wire/measure.js'
import { SCENARIOS } from './wire/scenarios.js'
import { MIXES, type Mix } from './workers/mixes.js'
import { type StoreRun, StoreWorkers } from './workers/store-workers.js'

const HELP = `node scripts/bench.mjs workers [OPTIONS]
The store alone with one worker and with two, and the server with -t 1, -t 2 and -t 4.

  --pairs N           runs of each, in turn (5)
  --seconds N         length of a run (0.5)
${SERVER_HELP}`

const THREAD_COUNTS = [1, 2, 4]
const SCENARIO_NAMES = ['get, 1 in flight', 'get, 16 in flight', 'set, 1 in flight', 'set, 16 in flight']
const STORE_WIDTHS = [22, 14, 14, 8, 14, 8, 14]
const SERVER_WIDTHS = [22, 8, 13, 8, 14, 13]

await runProgram('workers', HELP, async (given) => {
  const options = {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.5' },
    ...SERVER_OPTIONS,
  } as const
  const { values } = parseArgs({ args: given, options })
  const extent = extentOf(values)
  const [keepcached] = serverKinds(values)
  console.log(`${availableParallelism()} cores; Node ${process.version}\n`)
  console.log(tableLine(STORE_WIDTHS, ['', '1 worker', '2 workers', '', '', 'by CPU', 'time']))
  const titles = ['the store alone', 'million/s', 'million/s', 'ratio', 'spread', 'ratio', 'spread']
  console.log(tableLine(STORE_WIDTHS, titles))
  for (const mix of MIXES) console.log(await storeLine(mix, extent))

  console.log()
  const serverTitles = ['the server', '-t', 'µs/request', 'ratio', 'spread', 'requests/s']
  console.log(tableLine(SERVER_WIDTHS, serverTitles))
  const kinds = THREAD_COUNTS.map((threadCount) => ({ ...keepcached, threadCount }))
  for (const scenario of SCENARIOS.filter(({ name }) => SCENARIO_NAMES.includes(name))) {
    const [alone, ...others] = (await measure(scenario, kinds, extent)).map(({ runs }) => runs)
    for (const [index, runs] of [alone!, ...others].entries()) {
      const ratios = pairRatios(runs, alone!)
      const cells = [
        index === 0 ? scenario.name : '',
        `${THREAD_COUNTS[index]}`,
        median(runs.map(cpuMicroseconds)).toFixed(2),
        ...ratioCells(ratios),
        Math.round(median(runs.map(requestsPerSecond))).toLocaleString('en'),
      ]
      console.log(tableLine(SERVER_WIDTHS, cells))
    }
  }
})

async function storeLine(mix: Mix, { pairCount, seconds }: Extent): Promise<string> {
  const [one, two] = [await StoreWorkers.start(1, mix), await StoreWorkers.start(2, mix)]
  const pairs: [one: StoreRun, two: StoreRun][] = []
  // The first pair warms up.
  for (let pair = 0; pair <= pairCount; pair++) pairs.push([await one.run(seconds), await two.run(seconds)])
  await Promise.all([one.stop(), two.stop()])
  const measured = pairs.slice(1)
  const millions = [0, 1].map((which) =>
    median(measured.map((pair) => pair[which]!.perSecond / 1e6)).toFixed(2),
  )
  const ratios = measured.map(([alone, both]) => both.perSecond / alone.perSecond)
  const cpuRatios = measured.map(([alone, both]) => both.perCpuSecond / alone.perCpuSecond)
  return tableLine(STORE_WIDTHS, [mix.name, ...millions, ...ratioCells(ratios), ...ratioCells(cpuRatios)])
}

function ratioCells(ratios: readonly number[]): string[] {
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
  return [median(ratios).toFixed(2), `${least.toFixed(2)}–${most.toFixed(2)}`]
}
