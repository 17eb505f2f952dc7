import { Counter } from '../../metrics/counters.js'
import { Life } from '../expiry/expiry.js'
import { Flag, flagsOf, isDead, isPiece, MISSING, ownerOf, sizeOf } from '../item/item.js'
import type { MakeRoom } from '../items.js'
import { stripeOf } from '../lock/rw-lock.js'
import type { StoreParts } from '../parts.js'
import { chooseVictim, type EvictionListener, Purpose, type Victim } from '../segments/eviction.js'
import { laneInQueue, Queue, queueOf } from '../segments/lanes.js'
import { NONE, type Segments, State } from '../segments/segments.js'
import { removeDead } from './reaper.js'

/**
 * Returns segments to the pool. A victim is walked from its first item to its last:
 *
 *     victim   ┌──────┬──────┬──────┬──────┬──────┬─ ─ ─        dead       skipped
 *              │ dead │ live │ dead │ exp. │ live │             exp.       removed: it has expired
 *              └──────┴──────┴──────┴──────┴──────┴─ ─ ─        live       moved behind the newest items, or evicted
 *                             ▲ cursor
 *
 * Cleaning keeps step with writing: while few segments are free, each write first clears as many bytes as it will use.
 * So the victim is empty about when the open segment is full, and no write waits for more than its share.
 */
export class Cleaning {
  listener: EvictionListener | undefined = undefined
  /** False while no client waits: then nothing is evicted as long as there is room. */
  keepsStep = true
  /** Items or buckets are being moved: an exception now leaves memory inconsistent. */
  isAtWork = false
  private readonly parts: StoreParts
  private readonly words: Int32Array
  private readonly segments: Segments
  private readonly mayEvict: boolean
  private victim = NONE
  private purpose: Purpose = Purpose.CLEAN
  private cursor = 0
  private keptLength = 0
  private restingCount = 0
  /** Only moved items may be written to these segments. */
  readonly reserve: number
  /** No segment counts as opened later: last accesses are relative to the time when it was opened. */
  bornAtMost = Number.POSITIVE_INFINITY
  private readonly roomForMoved: MakeRoom = (lane, size) => this.makeRoom(lane, size, 0)
  /** Makes room in the open segment of a lane for a new item. */
  readonly roomForNew: MakeRoom = (lane, size) => {
    this.isAtWork = true
    const hasRoom = this.makeRoom(lane, size, this.reserve)
    this.isAtWork = false
    return hasRoom
  }

  constructor(parts: StoreParts, mayEvict: boolean, workerCount: number) {
    this.parts = parts
    this.words = parts.words
    this.segments = parts.segments
    this.mayEvict = mayEvict
    this.reserve = SEGMENTS_FOR_MOVING * workerCount
  }

  /** Called before a write of `size` bytes: does its share of the cleaning, if there is any. */
  keepStep(size: number): void {
    if (this.segments.pool.freeCount > this.reserve || !this.keepsStep) return
    if (this.restingCount > 0) {
      this.restingCount--
      return
    }
    this.isAtWork = true
    let due = size
    for (let steps = 0; due > 0 && steps < STEPS_AT_ONCE; steps++) {
      if (this.victim === NONE && !this.begin()) {
        this.restingCount = WRITES_AT_REST
        break
      }
      due -= this.step()
    }
    this.isAtWork = false
  }

  /** Makes room in the index for one more key. False if there is none. */
  roomInIndex(): boolean {
    const { index, lock } = this.parts
    this.isAtWork = true
    index.grow(lock)
    // One segment may not be enough: cleaning keeps its reserve first.
    let hasRoom = index.prepareInsert()
    while (!hasRoom && this.freeOne()) hasRoom = index.prepareInsert()
    this.isAtWork = false
    return hasRoom
  }

  /** Clears segments until one is free. False if nothing more can be cleared. */
  freeOne(): boolean {
    const before = this.segments.freeCount
    for (let tried = 0; tried < this.segments.count; tried++) {
      if (this.victim === NONE && !this.begin()) return false
      while (this.victim !== NONE) this.step()
      if (this.segments.freeCount > before) return true
    }
    return false
  }

  /** Does a share of the work to get below a lowered limit, item by item. True if there is more to do at once. */
  shrink(itemCount: number): boolean {
    const { segments } = this
    for (let left = itemCount; left > 0; left--) {
      if (segments.poolCount <= segments.countAllowed) return false
      if (segments.withholdOne(this.reserve)) continue
      if (this.victim === NONE && !this.begin()) return false
      const { victim } = this
      this.step()
      // Bytes of it are pinned: try later.
      if (segments.state(victim) === State.SEALED) return false
    }
    return true
  }

  /** Abandons a victim that was begun; it may be chosen again. */
  rest(): void {
    if (this.victim !== NONE) this.abandon()
  }

  private makeRoom(lane: number, size: number, leaveFree: number): boolean {
    while (this.segments.roomIn(lane) < size) {
      const born = Math.min(this.parts.clock.now, this.bornAtMost)
      const segment = this.segments.take(State.OPEN, lane, born, leaveFree)
      if (segment !== NONE) {
        this.segments.openNext(lane, segment)
      } else if (leaveFree === 0 || !this.freeOne()) {
        return false
      }
    }
    return true
  }

  private begin(): boolean {
    const { segment, purpose } = this.claimVictim()
    if (segment === NONE) return false
    this.listener?.clears(segment, purpose === Purpose.EVICT, this.segments.live(segment))
    this.victim = segment
    this.purpose = purpose
    this.cursor = this.segments.firstWordOf(segment)
    this.keptLength = 0
    return true
  }

  /** Another worker may choose the same segment at the same time and take it first. */
  private claimVictim(): Victim {
    for (;;) {
      const victim = chooseVictim(this.segments, this.mayEvict, this.parts.clock.now)
      if (victim.segment === NONE || this.segments.beginSweep(victim.segment)) return victim
    }
  }

  /** Processes the item at the cursor. Returns how many bytes were freed. */
  private step(): number {
    const { segments, victim } = this
    if (segments.pins(victim) > 0) {
      this.abandon()
      return 0
    }
    if (this.cursor === segments.endWordOf(victim)) {
      const rest = segments.segmentLength - segments.used(victim)
      this.victim = NONE
      // Another worker may have marked an item dead without counting it yet. It then frees the segment when it counts.
      segments.endSweep(victim)
      return rest
    }
    const item = this.cursor
    if (isDead(this.words, item)) return this.pass(sizeOf(this.words, item))
    // A piece is moved or evicted with its item.
    const owner = isPiece(this.words, item) ? ownerOf(this.words, item) : item
    const { items, lock } = this.parts
    const hash = items.hashOf(owner)
    const stripe = stripeOf(hash)
    lock.write(stripe)
    // The stripe is locked: from here on no other worker can make the item shorter.
    const size = sizeOf(this.words, item)
    const outcome = this.decide(item, owner, hash, size)
    lock.endWrite(stripe)
    if (outcome === Outcome.STUCK) {
      this.abandon()
      return 0
    }
    this.pass(size)
    return outcome === Outcome.MOVED ? 0 : size
  }

  private pass(size: number): number {
    this.cursor += size >>> 2
    return size
  }

  private decide(item: number, owner: number, hash: number, size: number): Outcome {
    const { index, items, expiry, counters } = this.parts
    if (isDead(this.words, item)) return Outcome.GONE
    // Another worker has just moved the item of this piece, or is writing it now.
    if (!index.findItem(hash, owner)) return Outcome.STUCK
    const { slot } = index
    const life = expiry.lifeOf(this.words, owner)
    if (life !== Life.LIVE) {
      counters.count(Counter.reclaimed)
      removeDead(this.parts, slot, owner, life)
      return Outcome.GONE
    }
    let lane = this.segments.lane(this.victim)
    if (this.purpose === Purpose.EVICT) {
      const isNew = queueOf(lane) === Queue.SMALL
      const frequency = index.frequencyAt(slot)
      if (frequency === 0 || this.keptLength + size > this.segments.segmentLength * KEPT_SHARE) {
        this.evict(slot, owner)
        return Outcome.GONE
      }
      if (isNew) index.resetFrequencyAt(slot)
      else index.coolAt(slot)
      lane = laneInQueue(lane, Queue.MAIN)
      this.keptLength += size
    }
    const moved = items.relocate(item, lane, this.roomForMoved)
    if (moved !== MISSING) {
      index.replaceAt(slot, moved)
      return Outcome.MOVED
    }
    // Segments were pinned while they were cleaned, and the reserve holds what had been moved by then. Without evicting, the
    // same segment would be chosen again and again, and no write would find room any more.
    if (!this.mayEvict) return Outcome.STUCK
    this.evict(slot, owner)
    return Outcome.GONE
  }

  private evict(slot: number, owner: number): void {
    const { index, items, counters } = this.parts
    const frequency = index.frequencyAt(slot)
    counters.count(Counter.evictions)
    const wasFetched = (flagsOf(this.words, owner) & Flag.FETCHED) !== 0
    if (!wasFetched) counters.count(Counter.evicted_unfetched)
    if (frequency > 1) counters.count(Counter.evicted_active)
    this.listener?.evicted(owner)
    this.parts.changes?.evicted(owner)
    if (queueOf(this.segments.lane(this.victim)) === Queue.SMALL) index.leaveGhostAt(slot)
    else index.removeAt(slot)
    items.bury(owner)
  }

  /** Bytes of the victim are pinned: it has to wait, and becomes an ordinary segment again. */
  private abandon(): void {
    const { victim } = this
    this.victim = NONE
    this.segments.endSweep(victim)
  }
}

const Outcome = { GONE: 0, MOVED: 1, STUCK: 2 } as const
type Outcome = (typeof Outcome)[keyof typeof Outcome]

/** The part of an evicted segment that may stay: the rest is freed in any case, however often its items were read. */
const KEPT_SHARE = 31 / 32

/**
 * For each worker. Moving needs one; the second is for items that do not fit the end of the first. Clearing
 * begins when no more than these are free, while there is still room in the segment that was opened last.
 */
const SEGMENTS_FOR_MOVING = 2
const STEPS_AT_ONCE = 4096
/** If nothing could be cleared, this many writes pass before the segments are searched again. */
const WRITES_AT_REST = 100
