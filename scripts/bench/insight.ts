// node scripts/bench.mjs insight: what an admin listener costs the clients of a cache. See README.md.
import { parseArgs } from 'node:util'
import { moveToLoadCore } from './support/processes.js'
import { runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { tableLine } from './support/table.js'
import { extentOf } from './wire/extent.js'
import { cpuMicroseconds, median, pairRatios } from './wire/figures.js'
import { measure } from './wire/measure.js'
import { SCENARIOS } from './wire/scenarios.js'

const HELP = `node scripts/bench.mjs insight [OPTIONS]
CPU time per request without --admin and with it, idle: latency and hot keys are observed then.

  --pairs N           runs of each server, in turn (5)
  --seconds N         length of a run (1)
  --scenario TEXT     only the scenarios whose name contains this
  --earlier "..."     one more server, for example an earlier build without --admin
${SERVER_HELP}`

const SCENARIO_NAMES = ['get, 1 in flight', 'get, 16 in flight', 'set, 1 in flight', 'set, 16 in flight']
const WIDTHS = [20, 22, 14, 8, 14]

await runProgram('insight', HELP, async (given) => {
  const options = {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    scenario: { type: 'string', default: '' },
    earlier: { type: 'string' },
    ...SERVER_OPTIONS,
  } as const
  const { values } = parseArgs({ args: given, options })
  const extent = extentOf(values)
  const [{ command }] = serverKinds(values)
  const kinds: ServerKind[] = [
    { name: 'without --admin', command },
    { name: 'with --admin', command: [...command, '--admin', '127.0.0.1:0'] },
  ]
  if (values.earlier !== undefined)
    kinds.push({ name: '--earlier', command: values.earlier.trim().split(/\s+/) })
  moveToLoadCore()
  console.log(tableLine(WIDTHS, ['', '', 'CPU µs/request', 'ratio', 'spread']))
  const isWanted = (name: string): boolean => SCENARIO_NAMES.includes(name) && name.includes(values.scenario)
  for (const scenario of SCENARIOS.filter(({ name }) => isWanted(name))) {
    const measured = (await measure(scenario, kinds, extent)).map(({ runs }) => runs)
    for (const [index, runs] of measured.entries()) {
      const ratios = pairRatios(runs, measured[0]!)
      const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
      console.log(
        tableLine(WIDTHS, [
          index === 0 ? scenario.name : '',
          kinds[index]!.name,
          median(runs.map(cpuMicroseconds)).toFixed(3),
          median(ratios).toFixed(3),
          `${least.toFixed(2)}–${most.toFixed(2)}`,
        ]),
      )
    }
  }
})
