import type { Arena } from '../../../lib/arena/arena.js'
import { Expiry } from '../../../lib/store/expiry/expiry.js'
import { Index } from '../../../lib/store/index/index.js'
import { Visits } from '../../../lib/store/index/visits.js'
import { RwLock } from '../../../lib/store/lock/rw-lock.js'
import { Versions } from '../../../lib/store/version.js'
import type { Baton } from './baton.js'

/** The baton of this thread, while there is one: all that follows uses it. */
let baton: Baton | undefined
/** When the latest request was decided. */
let decided = 0

/** Before each step of this thread that others could notice, one of them may run. */
export function interleave(with_: Baton): void {
  baton = with_
}

export function endInterleaving(): void {
  baton = undefined
}

/** A request begins. */
export function beginDeciding(): void {
  decided = 0
}

/**
 * The place of the request in the order of all: it was decided when its key was last held. There the life of an item
 * was judged, or a version was taken; otherwise the key was released.
 */
export function decidedAt(): number {
  return decided === 0 ? baton!.mark() : decided
}

/** The kernel locks and unlocks the words of the lock, and moves all bytes. */
export function interleaveKernel(arena: Arena): void {
  if (interleaved.has(arena)) return
  interleaved.add(arena)
  const kernel = arena as { -readonly [Name in keyof Arena]: Arena[Name] }
  const { leaseStripe, claimStripe, giveBack, move } = arena
  kernel.leaseStripe = (lease, stripe, writer) => {
    baton?.pass()
    decided = 0
    const owner = leaseStripe(lease, stripe, writer)
    baton?.pass()
    return owner
  }
  kernel.claimStripe = (writer, owner, leases, stripes, stripe) => {
    baton?.pass()
    decided = 0
    const seen = claimStripe(writer, owner, leases, stripes, stripe)
    baton?.pass()
    return seen
  }
  kernel.giveBack = (offset) => {
    if (decided === 0) decide()
    const before = giveBack(offset)
    baton?.pass()
    return before
  }
  const moveInSteps: Arena['move'] = (target, source, length) => {
    const half = length >>> 1
    // From the end, if the ranges overlap and the target is later.
    const isForwards = target <= source
    const [first, firstLength] = isForwards ? [0, half] : [half, length - half]
    const [second, secondLength] = isForwards ? [half, length - half] : [0, half]
    move(target + first, source + first, firstLength)
    baton?.pass()
    move(target + second, source + second, secondLength)
  }
  kernel.move = moveInSteps
  kernel.moveIn = moveInSteps
}

const interleaved = new WeakSet<Arena>()

function decide(): void {
  if (baton !== undefined) decided = baton.mark()
}

/** Steps of a request while it holds its key, which decide its result. */
function markDecisions(): void {
  const lifeOf = Expiry.prototype.lifeOf
  Expiry.prototype.lifeOf = function (words, item) {
    decide()
    return lifeOf.call(this, words, item)
  }
  const next = Versions.prototype.next
  Versions.prototype.next = function (stripe) {
    decide()
    return next.call(this, stripe)
  }
}

/** In the midst of a change of the index, too. */
function interleaveIndex(): void {
  const index = Index.prototype as unknown as Record<'put' | 'gather', (...given: unknown[]) => unknown>
  for (const name of ['put', 'gather'] as const) {
    const step = index[name]
    index[name] = function (...given) {
      baton?.pass()
      return step.apply(this, given)
    }
  }
}

/** Code that shows items to a callback holds their bucket meanwhile. */
function interleaveVisits(): void {
  const { visitBucketIfFree } = Visits.prototype
  Visits.prototype.visitBucketIfFree = function (bucket, visit) {
    return visitBucketIfFree.call(this, bucket, (item, frequency) => {
      baton?.pass()
      visit(item, frequency)
    })
  }
}

/** Others run while this thread waits, and before each of its atomic steps. */
function interleaveAtomics(): void {
  const atomics = Atomics as unknown as Record<string, (...given: unknown[]) => unknown>
  for (const name of ['add', 'sub', 'or', 'load', 'store', 'exchange', 'compareExchange']) {
    const atomic = atomics[name]!
    atomics[name] = (...given) => {
      baton?.pass()
      return atomic(...given)
    }
  }
  const { wait, load } = Atomics
  atomics['wait'] = (words, word, value, ms) => {
    if (baton === undefined) return wait(words as Int32Array, word as number, value as number, ms as number)
    baton.waitUntil(() => load(words as Int32Array, word as number) !== value)
    return 'ok'
  }
}

/** A thread that must wait does so at once: polling a thousand times would hand over as often. */
function waitWithoutLooking(): void {
  const lock = RwLock.prototype as unknown as {
    waitWhile(this: LockWords, offset: number, value: number): void
  }
  const { waitWhile } = lock
  lock.waitWhile = function (offset, value) {
    if (baton === undefined) waitWhile.call(this, offset, value)
    else baton.waitUntil(() => (realLoad(this.words, offset >>> 2) & ~AWAITED) !== value)
  }
}

interface LockWords {
  readonly words: Int32Array
}

const { load: realLoad } = Atomics
/** As in rw-lock.ts: a thread sleeps until the word is unlocked. */
const AWAITED = 0x8000

markDecisions()
interleaveIndex()
interleaveVisits()
waitWithoutLooking()
interleaveAtomics()
