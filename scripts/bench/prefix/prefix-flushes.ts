import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { getLatencies } from '../stall/probe.js'
import type { LoopDelays } from '../stall/watch-event-loop.js'
import { Client } from '../support/client.js'
import { RequestWriter } from '../support/request-writer.js'
import { freePort, HOST, Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import { cpuSeconds } from '../support/usage.js'
import { type ListedKeys, listKeys } from './list-keys.js'

export interface PrefixFlush {
  readonly replyMs: number
  readonly longestGetMs: number
  /** How late a timer of 1 ms was at most. */
  readonly longestTurnMs: number
  /** From the reply until all items are buried. */
  readonly sweepSeconds: number
  /** What the server used meanwhile, with the gets. */
  readonly cpuSeconds: number
  /** Before the flush, over HTTP: the keys of all that begin with another prefix. */
  readonly list: ListedKeys
}

export interface Counts {
  readonly itemCount: number
  readonly roundCount: number
}

const WATCH_EVENT_LOOP = new URL('../stall/watch-event-loop.js', import.meta.url)
const MEMORY_MEGABYTES = 1024
const VALUE_LENGTH = 100
const SETS_AT_ONCE = 1000
/** The probe runs so long, and the flush comes in its middle. */
const PROBE_SECONDS = 8
const LEAD_MS = 1000
const POLL_MS = 50
/** 11,111 of half a million keys begin so. */
const LISTED_PREFIX = 'kept:49'

/** Stores items below two prefixes, flushes one of them, and measures; as often as asked for. */
export async function prefixFlushes(
  kind: ServerKind,
  { itemCount, roundCount }: Counts,
): Promise<PrefixFlush[]> {
  const adminPort = await freePort()
  const server = await Server.start(kind, {
    memoryMegabytes: MEMORY_MEGABYTES,
    connectionCount: 10,
    observer: WATCH_EVENT_LOOP,
    options: ['--admin', `${HOST}:${adminPort}`],
  })
  const [filler, probe, judge] = [
    await Client.connect(server.port),
    await Client.connect(server.port),
    await Client.connect(server.port),
  ]
  const flushes: PrefixFlush[] = []
  await fill(filler, 'kept', itemCount)
  for (let round = 0; round < roundCount; round++) {
    await fill(filler, 'flushed', itemCount)
    flushes.push(await measure())
  }
  for (const client of [filler, probe, judge]) client.close()
  await server.stop()
  return flushes

  async function measure(): Promise<PrefixFlush> {
    const list = await listKeys(adminPort, server.pid, LISTED_PREFIX)
    const probing = getLatencies(probe, PROBE_SECONDS)
    await sleep(LEAD_MS)
    await server.ask()
    const cpuBefore = cpuSeconds(server.pid)
    const replyMs = await flush(server.port, 'flushed:')
    const repliedMs = performance.now()
    // The item of the probe stays, too.
    while ((await judge.statistic('curr_items')) > itemCount + 1) await sleep(POLL_MS)
    const sweepSeconds = (performance.now() - repliedMs) / 1000
    const cpu = cpuSeconds(server.pid) - cpuBefore
    const delays = (await server.ask()) as LoopDelays
    const latencies = await probing
    return {
      replyMs,
      longestGetMs: latencies.at(-1)!,
      longestTurnMs: delays.latest,
      sweepSeconds,
      cpuSeconds: cpu,
      list,
    }
  }
}

async function fill(client: Client, name: string, count: number): Promise<void> {
  const writer = new RequestWriter()
  for (let index = 0; index < count; index++) {
    writer.setQuietly(`${name}:${index}`, VALUE_LENGTH)
    if ((index + 1) % SETS_AT_ONCE !== 0 && index + 1 < count) continue
    writer.noop()
    await client.exchange(writer.take())
  }
}

/** How long the reply took, in milliseconds. */
async function flush(port: number, prefix: string): Promise<number> {
  const socket = connect({ port, host: HOST, noDelay: true })
  await once(socket, 'connect')
  const sentMs = performance.now()
  socket.write(`flush_prefix ${prefix}\r\n`)
  const [reply] = (await once(socket, 'data')) as [Buffer]
  const replyMs = performance.now() - sentMs
  socket.destroy()
  if (`${reply}` !== 'OK\r\n') throw new Error(`the server answers flush_prefix with ${reply}`)
  return replyMs
}
