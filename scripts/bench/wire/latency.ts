import { fileURLToPath } from 'node:url'
import { LOAD_CORE, nextMessage, startProcess, stopProcess } from '../support/processes.js'
import { Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import { median } from './figures.js'
import { MEMORY_MEGABYTES } from './scenarios.js'

/** One run, in microseconds, and the rate that was reached. */
export interface LatencyFigures {
  readonly p99: number
  readonly p999: number
  readonly requestsPerSecond: number
}

interface LatencyExtent {
  readonly pairCount: number
  readonly seconds: number
  readonly rate: number
}

const LOAD = fileURLToPath(new URL('./latency-load.js', import.meta.url))
/** Not counted, because Node compiles hot code. */
const WARM_UP_SECONDS = 1
/** Long enough that a thousandth of the requests are many. */
const SECONDS_MIN = 2

/** The medians for each server. Their runs take turns. */
export async function measureLatency(
  connectionCount: number,
  kinds: readonly ServerKind[],
  extent: LatencyExtent,
): Promise<LatencyFigures[]> {
  const paced = await Promise.all(kinds.map((kind) => PacedServer.start(kind, connectionCount, extent.rate)))
  const runs: LatencyFigures[][] = paced.map(() => [])
  for (const each of paced) await each.run(WARM_UP_SECONDS)
  for (let pair = 0; pair < extent.pairCount; pair++)
    for (const [index, each] of paced.entries())
      runs[index]!.push(await each.run(Math.max(extent.seconds, SECONDS_MIN)))
  for (const each of paced) await each.stop()
  return runs.map((own) => ({
    p99: median(own.map(({ p99 }) => p99)),
    p999: median(own.map(({ p999 }) => p999)),
    requestsPerSecond: median(own.map(({ requestsPerSecond }) => requestsPerSecond)),
  }))
}

/** A server, and the process that loads it at a fixed rate. */
class PacedServer {
  private readonly server: Server
  private readonly load: ReturnType<typeof startProcess>

  private constructor(server: Server, load: ReturnType<typeof startProcess>) {
    this.server = server
    this.load = load
  }

  static async start(kind: ServerKind, connectionCount: number, rate: number): Promise<PacedServer> {
    const server = await Server.start(kind, { memoryMegabytes: MEMORY_MEGABYTES, connectionCount })
    const words = [server.port, connectionCount, rate].map(String)
    const load = startProcess([process.execPath, LOAD, ...words], LOAD_CORE)
    await nextMessage(load)
    return new PacedServer(server, load)
  }

  async run(seconds: number): Promise<LatencyFigures> {
    this.load.send(seconds)
    return (await nextMessage(this.load)) as LatencyFigures
  }

  async stop(): Promise<void> {
    await stopProcess(this.load)
    await this.server.stop()
  }
}
