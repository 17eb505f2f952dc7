// node scripts/bench.mjs gateway: a gateway beside the client library that it uses, alone. See README.md.
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startEngine } from './gateway/engine.js'
import type { EngineRun, LoadOrder } from './gateway/runs.js'
import { LOAD_CORE, nextMessage, SERVER_CORE, startProcess } from './support/processes.js'
import { runProgram } from './support/program.js'
import { Server } from './support/server.js'
import { SERVER_OPTIONS, serverKinds } from './support/server-kinds.js'
import { grouped, tableLine } from './support/table.js'
import { extentOf } from './wire/extent.js'
import { median } from './wire/figures.js'

const HELP = `node scripts/bench.mjs gateway [OPTIONS]
Requests a second, CPU time and latency of a gateway of one worker, against the client library alone, which sends the same
commands to the same engine.

  --pairs N           runs of each, in turn (5)
  --seconds N         length of a run (1)
  --scenario TEXT     only the rows whose name contains this
  --engine PROGRAM    redis-server or valkey-server (redis-server)
  --command "..."     what to start in place of keepcached
  --help
`

type Row = readonly [name: string, order: Omit<LoadOrder, 'seconds'>]

const ROWS: readonly Row[] = [
  ['get, 64 in flight', { command: 'get', shape: 'pipeline', count: 64 }],
  ['set, 64 in flight', { command: 'set', shape: 'pipeline', count: 64 }],
  ['get, 50 connections', { command: 'get', shape: 'callers', count: 50 }],
  ['set, 50 connections', { command: 'set', shape: 'callers', count: 50 }],
]

const CONNECTION_COUNT = 2 * (1 + 50)
const WARM_UP_SECONDS = 1
const WIDTHS = [22, 26, 13, 8, 13, 13, 8]

await runProgram('gateway', HELP, async (given) => {
  const { values } = parseArgs({
    args: given,
    options: {
      pairs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      scenario: { type: 'string', default: '' },
      engine: { type: 'string', default: 'redis-server' },
      ...SERVER_OPTIONS,
    },
  })
  const { pairCount, seconds } = extentOf(values)
  const uri = await startEngine(values.engine)
  const contenders = [
    { name: 'gateway', load: await startGateway(values, uri) },
    { name: 'library', load: await startLibrary(uri, 'plain') },
    { name: 'library, auto-pipelining', load: await startLibrary(uri, 'pipelined') },
    { name: 'library, 50 connections', load: await startLibrary(uri, 'separate') },
  ]
  console.log(tableLine(WIDTHS, ['', '', 'requests/s', 'ratio', 'CPU µs/req.', 'p50 µs', 'ratio']))
  for (const [name, order] of ROWS.filter(([title]) => title.includes(values.scenario))) {
    // Connections of their own are compared with those of clients.
    const compared = contenders.slice(0, order.shape === 'callers' ? contenders.length : -1)
    const runs: EngineRun[][] = compared.map(() => [])
    for (const { load } of compared) await run(load, { ...order, seconds: WARM_UP_SECONDS })
    for (let pair = 0; pair < pairCount; pair++)
      for (const [index, { load }] of compared.entries())
        runs[index]!.push(await run(load, { ...order, seconds }))
    for (const [index, own] of runs.entries())
      print(index === 0 ? name : '', compared[index]!.name, own, runs[0]!)
  }
})

async function startGateway(values: Parameters<typeof serverKinds>[0], uri: string): Promise<ChildProcess> {
  const [kind] = serverKinds(values)
  const server = await Server.start(
    { ...kind, command: [...kind.command, '--gateway', uri] },
    { memoryMegabytes: 64, connectionCount: CONNECTION_COUNT },
  )
  return start('gateway-load.js', LOAD_CORE, server.port, server.pid)
}

function startLibrary(uri: string, kind: 'plain' | 'pipelined' | 'separate'): Promise<ChildProcess> {
  return start('library-load.js', SERVER_CORE, new URL(uri).port, kind)
}

async function start(file: string, core: number, ...words: unknown[]): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(`./gateway/${file}`, import.meta.url))
  const child = startProcess([process.execPath, path, ...words.map(String)], core)
  await nextMessage(child)
  return child
}

async function run(load: ChildProcess, order: LoadOrder): Promise<EngineRun> {
  load.send(order)
  return (await nextMessage(load)) as EngineRun
}

/** The ratios are those of the gateway: its requests a second, and its p50, as multiples of those of the row. */
function print(row: string, name: string, runs: readonly EngineRun[], gateway: readonly EngineRun[]): void {
  const rate = ({ requestCount, seconds }: EngineRun): number => requestCount / seconds
  const cost = ({ requestCount, cpuSeconds }: EngineRun): number => (cpuSeconds / requestCount) * 1e6
  const latency = ({ p50 }: EngineRun): number => p50
  const ratio = (of: (run: EngineRun) => number): string =>
    median(gateway.map((own, pair) => of(own) / of(runs[pair]!))).toFixed(2)
  console.log(
    tableLine(WIDTHS, [
      row,
      name,
      grouped(median(runs.map(rate))),
      ratio(rate),
      median(runs.map(cost)).toFixed(2),
      median(runs.map(latency)).toFixed(0),
      ratio(latency),
    ]),
  )
}
