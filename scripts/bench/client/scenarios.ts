import type { Contestant } from './libraries.js'

/** What one run of a scenario has measured. */
export interface Run {
  readonly callCount: number
  readonly seconds: number
  /** CPU time of the client's process, with the kernel's work for it. */
  readonly cpuSeconds: number
  /** Of each call, for calls one at a time; else NaN. */
  readonly medianMicroseconds: number
}

export const KEYS = Array.from({ length: 100 }, (_, index) => `bench:key:${index + 100}`)
export const VALUE = 'v'.repeat(100)
const CONCURRENT_COUNT = 64
const BATCH_COUNT = 4

type Act = (client: Contestant, key: string) => Promise<unknown>

export const SCENARIOS = {
  'get, 64 at a time': (client, ms) => concurrently(CONCURRENT_COUNT, ms, client, get),
  'set, 64 at a time': (client, ms) => concurrently(CONCURRENT_COUNT, ms, client, set),
  'get, one at a time': (client, ms) => oneAtATime(ms, client, get),
  'set, one at a time': (client, ms) => oneAtATime(ms, client, set),
  'getMany of 100 keys, 4 at a time': (client, ms) => concurrently(BATCH_COUNT, ms, client, getMany),
} as const satisfies Record<string, (client: Contestant, ms: number) => Promise<Run>>

export type Scenario = keyof typeof SCENARIOS

async function get(client: Contestant, key: string): Promise<void> {
  const value = await client.get(key)
  if ((value as { length: number } | undefined)?.length !== VALUE.length)
    throw new Error(`no value: ${value}`)
}

const set: Act = (client, key) => client.set(key, VALUE)

async function getMany(client: Contestant): Promise<void> {
  const count = await client.getMany(KEYS)
  if (count !== KEYS.length) throw new Error(`${count} items instead of ${KEYS.length}`)
}

async function concurrently(count: number, ms: number, client: Contestant, act: Act): Promise<Run> {
  let callCount = 0
  const endMs = performance.now() + ms
  const before = process.cpuUsage()
  const beginMs = performance.now()
  const loop = async (first: number) => {
    for (let index = first; performance.now() < endMs; index++) {
      await act(client, KEYS[index % KEYS.length]!)
      callCount++
    }
  }
  await Promise.all(Array.from({ length: count }, (_, index) => loop(index)))
  return runOf(callCount, beginMs, before, Number.NaN)
}

async function oneAtATime(ms: number, client: Contestant, act: Act): Promise<Run> {
  const latencies = new Float64Array(MEASURED_MAX)
  let callCount = 0
  const before = process.cpuUsage()
  const beginMs = performance.now()
  let lastMs = beginMs
  while (lastMs - beginMs < ms && callCount < MEASURED_MAX) {
    await act(client, KEYS[callCount % KEYS.length]!)
    const nowMs = performance.now()
    latencies[callCount++] = nowMs - lastMs
    lastMs = nowMs
  }
  const run = runOf(callCount, beginMs, before, 0)
  return { ...run, medianMicroseconds: latencies.subarray(0, callCount).sort()[callCount >> 1]! * 1000 }
}

const MEASURED_MAX = 1_000_000

function runOf(callCount: number, beginMs: number, before: NodeJS.CpuUsage, medianMicroseconds: number): Run {
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - beginMs) / 1000
  return { callCount, seconds, cpuSeconds: (user + system) / 1e6, medianMicroseconds }
}
