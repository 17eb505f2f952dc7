/** What workers.spec.ts lets several threads do to one store at once. */
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerSlot } from '../../lib/arena/arena.js'
import { Arena } from '../../lib/arena/arena.js'
import { Status } from '../../lib/request/status.js'
import { EngineDriver } from '../support/engine-driver.js'
import { Random } from '../support/random.js'
import { holdsTogether, wholeValue } from './workers-values.js'

export interface WorkersTask {
  readonly memory: Arena['memory']
  readonly workerSlot: WorkerSlot
  readonly memoryLength: number
  readonly seed: number
  readonly stepCount: number
  /** How many keys there are that are set, and how long their values may be. */
  readonly keyCount: number
  readonly valueLengthMax: number
  /** Everything fits: nothing may be missing unless it was removed. */
  readonly fits: boolean
  readonly flushes: boolean
}

export interface WorkersReport {
  /** What this worker has added to the counters, how often it won a cas, and how often it appended. */
  readonly added: number
  readonly wonCount: number
  readonly appendedCount: number
  readonly faults: readonly string[]
}

const FAULTS_MAX = 5
const COUNTER_KEYS = ['counter:0', 'counter:1']

const { memory, workerSlot, memoryLength, seed, stepCount, keyCount, valueLengthMax, fits, flushes } =
  workerData as WorkersTask
const arena = Arena.attach(memory, workerSlot)
const driver = new EngineDriver(memoryLength, true, memoryLength / 2, arena)
const random = new Random(seed)
const faults: string[] = []
let added = 0
let wonCount = 0
let appendedCount = 0
let setCount = 0

const steps: readonly (readonly [share: number, step: () => void])[] = [
  [40, get],
  [30, set],
  [5, remove],
  [5, increment],
  [5, compareAndSet],
  [5, append],
  [5, touch],
  [4, expire],
  [1, reap],
  [1, flushOwnPrefix],
]
const shares = steps.flatMap(([share, step]) => Array.from({ length: share }, () => step))

function key(): string {
  return `key:${random.below(keyCount)}`
}

function get(): void {
  const name = key()
  const found = driver.get(name)
  if (found !== undefined && !holdsTogether(name, found.value)) fault(`${name} is torn`)
}

function set(): void {
  const name = key()
  // Most values are short, as everywhere.
  const length = random.chance(0.9) ? random.below(500) : random.below(valueLengthMax)
  const status = driver.set(name, wholeValue(name, workerSlot.worker, setCount++, length))
  if (status !== Status.OK) fault(`set of ${length} bytes: status ${status}`)
}

function remove(): void {
  driver.remove(key())
}

function increment(): void {
  const { status } = driver.increment(random.pick(COUNTER_KEYS), 1, fits ? undefined : 1)
  if (status === Status.OK) added++
  else if (fits) fault(`increment: status ${status}`)
}

function compareAndSet(): void {
  const found = driver.get('cas')
  if (found === undefined) {
    if (fits) fault('the cas key is gone')
    return
  }
  const next = Buffer.from(`${Number(`${found.value}`) + 1}`)
  const status = driver.compareAndSet('cas', next, found.cas)
  if (status === Status.OK) wonCount++
  else if (status !== Status.EXISTS && fits) fault(`cas: status ${status}`)
}

function append(): void {
  if (appendedCount >= 2000) return
  const status = driver.append('list', Buffer.from(`${workerSlot.worker}:${appendedCount};`))
  if (status === Status.OK) appendedCount++
  else if (fits) fault(`append: status ${status}`)
}

function touch(): void {
  driver.touch(key(), 0)
}

/** Sets an item that expires when the clock is advanced. */
function expire(): void {
  driver.set(`short:${random.below(keyCount)}`, Buffer.alloc(random.below(300)), 0, 1 + random.below(3))
  if (random.chance(0.1)) driver.advance(1)
}

function reap(): void {
  driver.store.memory.reap(200)
  if (flushes && random.chance(0.05)) driver.flush(0)
}

/** Nobody else changes keys below this prefix, but all sweep them. */
function flushOwnPrefix(): void {
  const prefix = `own:${workerSlot.worker}:`
  const names = Array.from({ length: 5 }, (_, index) => `${prefix}${index}`)
  for (const name of names) driver.set(name, Buffer.from('before'))
  const status = driver.flushPrefix(prefix)
  if (status !== Status.OK) fault(`flush of a prefix: status ${status}`)
  for (const name of names) if (driver.get(name) !== undefined) fault(`${name} is there after its flush`)
  for (const name of names) driver.set(name, Buffer.from('after'))
  for (const name of names)
    if (fits && driver.get(name) === undefined) fault(`${name}, stored after the flush, is gone`)
}

function fault(sentence: string): void {
  if (faults.length < FAULTS_MAX) faults.push(`worker ${workerSlot.worker}: ${sentence}`)
}

for (let step = 0; step < stepCount && faults.length < FAULTS_MAX; step++) {
  try {
    random.pick(shares)()
  } catch (error) {
    fault(`${(error as Error).stack}`)
    driver.engine.release()
    break
  }
}
parentPort!.postMessage({ added, wonCount, appendedCount, faults } satisfies WorkersReport)
