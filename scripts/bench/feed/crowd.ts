import { fileURLToPath } from 'node:url'
import { LOAD_CORE, nextMessage, startProcess, stopProcess } from '../support/processes.js'
import { Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import { grouped, tableLine } from '../support/table.js'
import { cpuSeconds } from '../support/usage.js'
import type { CrowdRun } from './crowd-load.js'

const CROWD_LOAD = fileURLToPath(new URL('./crowd-load.js', import.meta.url))
const MEMORY_MEGABYTES = 512
const SUBSCRIBER_COUNT = 1000
const CHANGES_PER_SECOND = 50_000
const RUN_COUNT = 3
/** Long enough for Node to have compiled what is hot. */
const WARM_UP_SECONDS = 1
const WIDTHS = [20, 12, 12, 10, 10, 10, 10]

/** Prints how long after the reply to a set its event comes, to one of many subscribers. */
export async function measureCrowd(kind: ServerKind, adminPort: number, seconds: number): Promise<void> {
  const server = await Server.start(kind, {
    memoryMegabytes: MEMORY_MEGABYTES,
    connectionCount: 2 * SUBSCRIBER_COUNT,
  })
  const places = [server.port, adminPort, SUBSCRIBER_COUNT, CHANGES_PER_SECOND].map(String)
  const load = startProcess([process.execPath, CROWD_LOAD, ...places], LOAD_CORE)
  await nextMessage(load)
  load.send(WARM_UP_SECONDS)
  await nextMessage(load)
  console.log(tableLine(WIDTHS, ['', 'changes/s', 'server CPU', 'p50 ms', 'p99 ms', 'max ms', 'missed']))
  for (let run = 0; run < RUN_COUNT; run++) {
    const before = cpuSeconds(server.pid)
    load.send(seconds)
    const { changesPerSecond, p50, p99, longest, missedCount } = (await nextMessage(load)) as CrowdRun
    const microseconds = ((cpuSeconds(server.pid) - before) / (changesPerSecond * seconds)) * 1e6
    const delays = [p50, p99, longest].map((ms) => ms.toFixed(1))
    const name = run === 0 ? `${grouped(SUBSCRIBER_COUNT)} subscribers` : ''
    const figures = [grouped(changesPerSecond), `${microseconds.toFixed(1)} µs`, ...delays, `${missedCount}`]
    console.log(tableLine(WIDTHS, [name, ...figures]))
  }
  await stopProcess(load)
  await server.stop()
}
