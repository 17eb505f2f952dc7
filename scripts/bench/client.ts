// node scripts/bench.mjs client: the client beside others of npm, all with one memcached. See README.md.
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { COUNTING_OPTIONS } from '../../spec/support/heap-growth.js'
import { LIBRARIES } from './client/libraries.js'
import type { Order } from './client/load.js'
import type { Run, Scenario } from './client/scenarios.js'
import { CAN_PIN, LOAD_CORE, nextMessage, startProcess, stopProcess } from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { Server } from './support/server.js'
import { SERVER_OPTIONS, serverKinds } from './support/server-kinds.js'
import { grouped, tableLine } from './support/table.js'
import { median } from './wire/figures.js'

const HELP = `node scripts/bench.mjs client [OPTIONS]
The client beside memjs, memcached and memcache of npm, each in a process of its own, all with one memcached. Their runs take
turns.

  --pairs N           runs of each client (9)
  --seconds N         of each run (1)
  --scenario TEXT     only those whose name contains this
  --memcached PATH    the server (memcached)
  --help
`

const OPTIONS = {
  pairs: { type: 'string', default: '9' },
  seconds: { type: 'string', default: '1' },
  scenario: { type: 'string', default: '' },
  ...SERVER_OPTIONS,
} as const

const LOAD = fileURLToPath(new URL('./client/load.js', import.meta.url))
/** Ours is the first; the others are what it is compared with. */
const NAMES = Object.keys(LIBRARIES)
const WIDTHS = [36, 20, 14, 14, 14]
const SUMMARY_WIDTHS = [48, 10, 16, 10, 10]

/** A figure of the issue: what is compared, and how. */
interface Target {
  readonly scenario: Scenario
  readonly words: string
  readonly figureOf: (run: Run) => number
  readonly must: number
  readonly goal: number
  /** Whether more is better. */
  readonly isMore?: boolean
}

const cpuMicroseconds = ({ cpuSeconds, callCount }: Run): number => (cpuSeconds / callCount) * 1e6
const perSecond = ({ callCount, seconds }: Run): number => callCount / seconds
const latency = ({ medianMicroseconds }: Run): number => medianMicroseconds

const cpu = (scenario: Scenario): Target => ({
  scenario,
  words: `${scenario}: CPU, µs`,
  figureOf: cpuMicroseconds,
  must: 0.6,
  goal: 0.4,
})

const p50 = (scenario: Scenario): Target => ({
  scenario,
  words: `${scenario}: p50, µs`,
  figureOf: latency,
  must: 1.05,
  goal: 0.95,
})

const BATCH: Scenario = 'getMany of 100 keys, 4 at a time'

const TARGETS: readonly Target[] = [
  cpu('get, 64 at a time'),
  cpu('set, 64 at a time'),
  p50('get, one at a time'),
  p50('set, one at a time'),
  // Beside calls per second, which depend on the server and on what else the machine does.
  { ...cpu(BATCH), must: 1 / 2, goal: 1 / 4 },
  {
    scenario: BATCH,
    words: `${BATCH}: per second`,
    figureOf: perSecond,
    must: 2,
    goal: 4,
    isMore: true,
  },
]
const ALLOCATION = { words: 'bytes for a get beyond promise and result', must: 300, goal: 100 }

await runProgram('client', HELP, async (given) => {
  const { values } = parseArgs({ args: given, options: OPTIONS })
  const pairCount = positive('--pairs', values.pairs)
  const ms = 1000 * positive('--seconds', values.seconds)
  const memcached = serverKinds(values)[1]
  if (memcached === undefined) throw new Error(`${values.memcached} is needed`)
  if (!CAN_PIN) console.log('not pinned to cores: client and server may take time from each other')
  const server = await Server.start(memcached, { memoryMegabytes: 64, connectionCount: 500 })
  const { port } = server
  const loads = await Promise.all(NAMES.map((name) => startLoad(name, port)))
  console.log(tableLine(WIDTHS, ['', ...NAMES]))
  const summary: string[] = []
  for (const target of TARGETS.filter(({ scenario }) => scenario.includes(values.scenario)))
    summary.push(await measure(target, loads, pairCount, ms))
  if ('allocation'.includes(values.scenario)) summary.push(await measureAllocation(port))
  console.log(
    `\n${tableLine(SUMMARY_WIDTHS, ['against the best of the others', 'ratio', 'spread', 'must', 'goal'])}`,
  )
  for (const line of summary) console.log(line)
  await Promise.all(loads.map(stopProcess))
  await server.stop()
})

async function startLoad(name: string, port: number, options: readonly string[] = []): Promise<ChildProcess> {
  const command = [process.execPath, ...options, LOAD, name, `${port}`]
  const child = startProcess(command, LOAD_CORE)
  await nextMessage(child)
  return child
}

/** Prints the medians of all, and returns the line of the summary. */
async function measure(
  target: Target,
  loads: readonly ChildProcess[],
  pairCount: number,
  ms: number,
): Promise<string> {
  const { scenario, words, figureOf, isMore = false } = target
  const figures: number[][] = NAMES.map(() => [])
  for (const load of loads) await ask(load, { scenario, ms })
  for (let pair = 0; pair < pairCount; pair++)
    for (const [index, load] of loads.entries())
      figures[index]!.push(figureOf((await ask(load, { scenario, ms })) as Run))
  console.log(tableLine(WIDTHS, [words.slice(0, 35), ...figures.map((of) => shown(median(of)))]))
  const [ours, ...others] = figures
  const ratios = others.map((theirs) => ours!.map((figure, pair) => figure / theirs[pair]!))
  const toBest = ratios.sort((one, other) => median(one) - median(other)).at(isMore ? 0 : -1)!
  const spread = `${Math.min(...toBest).toFixed(2)}–${Math.max(...toBest).toFixed(2)}`
  const limits = [target.must, target.goal].map((limit) => `${isMore ? '≥' : '≤'} ${limit}`)
  return tableLine(SUMMARY_WIDTHS, [words, median(toBest).toFixed(2), spread, ...limits])
}

/** In processes of their own: a young generation that holds a whole run would not fit into the caches of a processor. */
async function measureAllocation(port: number): Promise<string> {
  const { words, must, goal } = ALLOCATION
  const figures: number[] = []
  for (const name of NAMES) {
    const load = await startLoad(name, port, ['--expose-gc', ...COUNTING_OPTIONS])
    figures.push((await ask(load, { scenario: 'allocation', ms: 0 })) as number)
    await stopProcess(load)
  }
  console.log(tableLine(WIDTHS, ['get: bytes of the heap', ...figures.map(shown)]))
  return tableLine(SUMMARY_WIDTHS, [words, figures[0]!.toFixed(), '', `≤ ${must}`, `≤ ${goal}`])
}

function ask(load: ChildProcess, order: Order): Promise<unknown> {
  load.send(order)
  return nextMessage(load)
}

function shown(figure: number): string {
  return figure < 1000 ? figure.toFixed(2) : grouped(figure)
}
