// node scripts/bench.mjs stall: how long does a server with 1 GB full keep others waiting? See README.md.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MEMORY_MEGABYTES } from './stall/mixed-items.js'
import { getLatencies } from './stall/probe.js'
import type { LoopDelays } from './stall/watch-event-loop.js'
import { Client } from './support/client.js'
import {
  CAN_PIN,
  LOAD_CORE,
  moveToLoadCore,
  nextMessage,
  startProcess,
  stopProcess,
} from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { Server } from './support/server.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { grouped, NOTHING, tableLine } from './support/table.js'
import { cpuSeconds } from './support/usage.js'

const HELP = `node scripts/bench.mjs stall [OPTIONS]
Latencies of single gets while a server with 1 GB full takes sets of mixed sizes and evicts.

  --seconds N         how long to measure (20)
${SERVER_HELP}`

interface Stalls {
  readonly setsPerSecond: number
  readonly cpuMicrosecondsPerSet: number
  /** Sorted, in milliseconds. */
  readonly latencies: Float64Array
  readonly loopDelays: LoopDelays | undefined
}

const WATCH_EVENT_LOOP = new URL('./stall/watch-event-loop.js', import.meta.url)
const GENERATOR = fileURLToPath(new URL('./stall/generator.js', import.meta.url))
const CONNECTION_COUNT = 10
/** From full speed to the pace that is measured. */
const SETTLE_MS = 1_000
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

async function stalls(kind: ServerKind, seconds: number): Promise<Stalls> {
  const server = await Server.start(kind, {
    memoryMegabytes: MEMORY_MEGABYTES,
    connectionCount: CONNECTION_COUNT,
    observer: WATCH_EVENT_LOOP,
  })
  const generator = startProcess([process.execPath, GENERATOR, `${server.port}`], LOAD_CORE)
  await nextMessage(generator)
  await sleep(SETTLE_MS)
  const client = await Client.connect(server.port)
  await server.ask()
  const [setsBefore, cpuBefore] = [await setCount(), cpuSeconds(server.pid)]
  const latencies = await getLatencies(client, seconds)
  const [sets, cpu] = [(await setCount()) - setsBefore, cpuSeconds(server.pid) - cpuBefore]
  const loopDelays = (await server.ask()) as LoopDelays | undefined
  client.close()
  await stopProcess(generator)
  await server.stop()
  return { setsPerSecond: sets / seconds, cpuMicrosecondsPerSet: (cpu / sets) * 1e6, latencies, loopDelays }

  async function setCount(): Promise<number> {
    generator.send('tell')
    return Number(await nextMessage(generator))
  }
}

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
