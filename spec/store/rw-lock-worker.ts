/** One of the threads that rw-lock.spec.ts lets loose on a lock: reads and writes until its time is over. */
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerSlot } from '../../lib/arena/arena.js'
import { Arena } from '../../lib/arena/arena.js'
import { RwLock } from '../../lib/store/lock/rw-lock.js'
import { Random } from '../support/random.js'

export interface WorkerTask {
  readonly memory: Arena['memory']
  readonly workerSlot: WorkerSlot
  /** Behind the lock's words: two words for each stripe, which a writer increments one after the other. */
  readonly counts: number
  readonly stripes: readonly number[]
  /** A word that counts the workers that are ready. */
  readonly ready: number
  readonly runMs: number
}

export interface WorkerReport {
  readonly readCount: number
  /** How often a reader saw a half-finished write. */
  readonly tornCount: number
  /** How often each stripe was written. */
  readonly writeCounts: readonly number[]
}

const READ_SHARE = 0.6
const LOOKS_AT_CLOCK_EVERY = 64
const PAUSE_MAX = 40

const { memory, workerSlot, counts, stripes, ready, runMs } = workerData as WorkerTask
const { worker, workerCount } = workerSlot
const arena = Arena.attach(memory, workerSlot)
const { words } = arena
const lock = new RwLock(arena)
const random = new Random(worker + 1)
const writeCounts = stripes.map(() => 0)
let readCount = 0
let tornCount = 0

function read(index: number): void {
  lock.read(stripes[index]!)
  const first = words[counts + 2 * index]
  pause()
  if (words[counts + 2 * index + 1] !== first) tornCount++
  lock.endRead()
  readCount++
}

function write(index: number): void {
  lock.write(stripes[index]!)
  countUp(index)
  lock.endWrite(stripes[index]!)
}

function countUp(index: number): void {
  words[counts + 2 * index]!++
  pause()
  words[counts + 2 * index + 1]!++
  writeCounts[index]!++
}

/** Gives other threads time to interfere. */
function pause(): void {
  for (let left = random.below(PAUSE_MAX); left > 0; left--) Atomics.load(words, counts)
}

/** All begin together. */
function waitForOthers(): void {
  Atomics.add(words, ready, 1)
  Atomics.notify(words, ready)
  for (let count = Atomics.load(words, ready); count < workerCount; count = Atomics.load(words, ready))
    Atomics.wait(words, ready, count)
}

waitForOthers()
const endMs = Date.now() + runMs
for (let count = 0; count % LOOKS_AT_CLOCK_EVERY !== 0 || Date.now() < endMs; count++) {
  const index = random.below(stripes.length)
  if (random.chance(READ_SHARE)) read(index)
  else write(index)
}
parentPort!.postMessage({ readCount, tornCount, writeCounts } satisfies WorkerReport)
