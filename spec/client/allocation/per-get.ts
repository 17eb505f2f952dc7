import { setImmediate as nextTurn } from 'node:timers/promises'
import { GCProfiler, getHeapStatistics } from 'node:v8'

/** The part of a client that is measured. */
interface Getter {
  get(key: string): Promise<unknown>
}

const CALL_COUNT = 6400
const CONCURRENT_COUNT = 64
const TRY_COUNT = 9

/**
 * Bytes of the heap that a get takes beyond its promise and its result: what the same loop takes with the client, less what it
 * takes with a promise that is settled from outside with the same kind of result. Needs a young generation that holds a try,
 * so that no collection comes between (COUNTING_OPTIONS).
 */
export async function allocationPerGet(client: Getter, keys: readonly string[]): Promise<number> {
  const value = (await client.get(keys[0]!)) as string | Buffer
  return (await leastPerGet(client, keys)) - (await leastPerGet(new BareClient(value), keys))
}

async function leastPerGet(client: Getter, keys: readonly string[]): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < WARM_UP_COUNT; count++) await runAll(client, keys)
  for (let count = 0; count < TRY_COUNT; count++) {
    globalThis.gc!()
    const profiler = new GCProfiler()
    profiler.start()
    const before = getHeapStatistics().used_heap_size
    await runAll(client, keys)
    const growth = getHeapStatistics().used_heap_size - before
    if (profiler.stop().statistics.length === 0) least = Math.min(least, growth / CALL_COUNT)
  }
  return least
}

const WARM_UP_COUNT = 5

async function runAll(client: Getter, keys: readonly string[]): Promise<void> {
  for (let round = 0; round < CALL_COUNT / CONCURRENT_COUNT; round++) {
    const calls: Promise<unknown>[] = []
    for (let index = 0; index < CONCURRENT_COUNT; index++) calls.push(client.get(keys[index]!))
    await Promise.all(calls)
  }
}

/** Settles promises in the next turn: what no client can do without. */
class BareClient implements Getter {
  private readonly resolves: ((value: unknown) => void)[] = []
  private readonly bytes: Buffer
  private readonly isText: boolean

  constructor(value: string | Buffer) {
    this.isText = typeof value === 'string'
    this.bytes = Buffer.from(value as string)
  }

  get(_key: string): Promise<unknown> {
    const promise = new Promise<unknown>(takeResolve)
    this.resolves.push(takenResolve)
    if (this.resolves.length === CONCURRENT_COUNT) nextTurn().then(() => this.settleAll())
    return promise
  }

  private settleAll(): void {
    for (const resolve of this.resolves)
      resolve(this.isText ? this.bytes.toString('utf8') : Buffer.from(this.bytes))
    this.resolves.length = 0
  }
}

let takenResolve: (value: unknown) => void

function takeResolve(resolve: (value: unknown) => void): void {
  takenResolve = resolve
}
