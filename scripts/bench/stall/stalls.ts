import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from '../support/client.js'
import { LOAD_CORE, nextMessage, startProcess, stopProcess } from '../support/processes.js'
import { Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import { cpuSeconds } from '../support/usage.js'
import { MEMORY_MEGABYTES } from './mixed-items.js'
import { getLatencies } from './probe.js'
import type { LoopDelays } from './watch-event-loop.js'

export interface Stalls {
  readonly setsPerSecond: number
  readonly cpuMicrosecondsPerSet: number
  /** Sorted, in milliseconds. */
  readonly latencies: Float64Array
  readonly loopDelays: LoopDelays | undefined
}

const WATCH_EVENT_LOOP = new URL('./watch-event-loop.js', import.meta.url)
const GENERATOR = fileURLToPath(new URL('./generator.js', import.meta.url))
const CONNECTION_COUNT = 10
/** From full speed to the pace that is measured. */
const SETTLE_MS = 1_000

/** Latencies of single gets while a full server takes sets and evicts. */
export async function stalls(kind: ServerKind, seconds: number): Promise<Stalls> {
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
