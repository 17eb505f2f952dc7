import { ok as assert } from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Files } from '../../lib/journal/disk/files.js'
import { beginJournal } from '../../lib/journal/writing/begun-journal.js'
import { Board } from '../../lib/journal/writing/board.js'
import type { Fsync } from '../../lib/journal/writing/fsync.js'
import { Journal, type JournalParts } from '../../lib/journal/writing/journal.js'
import { Counter } from '../../lib/metrics/counters.js'
import { lentWindows } from '../support/lent-windows.js'
import type { Random } from '../support/random.js'
import { checkInvariants } from '../support/store-invariants.js'
import { createWorkerKit, type WorkerKit, type WorkerKitOptions } from '../support/worker-kit.js'
import { MARKER } from './marker.js'
import { Peer } from './peer.js'
import { randomStream } from './random-stream.js'

const PEER_COUNT_MAX = 8
const STEPS_PER_TURN = 100
/** A peer that waits for this many turns of the event loop hangs. */
const IDLE_TURNS_MAX = 2000
const STOP_SHARE = 0.3
const SECONDS = [0, 0, 1, 1, 30, 4000]

/** A worker and the peers that use it at the same time. */
export class FuzzedWorker {
  frameCount = 0
  connectionCount = 0
  replyCount = 0
  private readonly random: Random
  private readonly kit: WorkerKit
  private readonly isLoginWanted: boolean
  private readonly takenCount: number
  private journal: Journal | undefined = undefined
  private peers: Peer[] = []
  private idleTurnCount = 0
  /** How often no window was left, or a value was dropped while it arrived, or was gone before all of it was sent. */
  private refusedCount = 0

  constructor(random: Random, options: WorkerKitOptions) {
    this.random = random
    this.kit = createWorkerKit(options)
    this.isLoginWanted = options.authenticator !== undefined
    this.markFreeMemory()
    this.countRefusals()
    this.takenCount = this.kit.worker.pool.takenCount
  }

  /** Keeps every change, on a disk that is slow now and then: replies wait for it. */
  async keep(files: Files, fsync: Fsync): Promise<Journal> {
    const { worker, store, context, data } = this.kit
    const { arena } = worker
    const parts: JournalParts = {
      arena,
      region: arena.reserve(Journal.REGION_LENGTH),
      board: new Board(arena, arena.reserve(Board.regionLength(1)), 1),
      store,
      files,
      directory: '/data',
      worker: 0,
      fsync,
      onFailed: (error) => {
        throw error
      },
    }
    const journal = await Journal.open(parts, await beginJournal(parts, 1))
    store.onChange(journal)
    data.journal = journal
    this.journal = journal
    context.gate = journal
    return journal
  }

  /** How many connections were reset because there was no window for their bytes. */
  get brokenOffCount(): number {
    return this.kit.worker.counters.read(Counter.read_buf_oom)
  }

  /** Sends this many frames, waits until all connections are closed, and checks what they have left behind. */
  async run(frameCount: number): Promise<void> {
    const end = this.frameCount + frameCount
    while (this.frameCount < end) {
      let hasMoved = false
      for (let step = 0; step < STEPS_PER_TURN; step++) hasMoved = this.step() || hasMoved
      await this.turn(hasMoved)
    }
    if (this.random.chance(STOP_SHARE)) for (const peer of this.peers) peer.stop()
    while (this.peers.length > 0) await this.turn(this.peers.filter((peer) => this.move(peer)).length > 0)
    // Bytes that are being written to a disk stay where they are until then.
    await this.journal?.sync()
    this.checkRest()
    this.passTime()
  }

  /** Opens a connection, or lets one take a step. Returns false if the chosen one had to wait. */
  private step(): boolean {
    const peer = this.peers[this.random.below(PEER_COUNT_MAX)]
    if (peer !== undefined) return this.move(peer)
    this.connect()
    return true
  }

  private connect(): void {
    const { random, isLoginWanted } = this
    const { bytes, frameCount } = randomStream(random, isLoginWanted)
    this.frameCount += frameCount
    this.peers.push(new Peer(this.kit.worker, this.connectionCount++, random, bytes, isLoginWanted))
  }

  private move(peer: Peer): boolean {
    const hasMoved = peer.step()
    if (!peer.isGone) return hasMoved
    this.replyCount += peer.replyCount
    if (peer.isDropped) this.refusedCount++
    this.peers = this.peers.filter((other) => other !== peer)
    return true
  }

  /** Runs one round of the event loop, in which connections that yielded continue. */
  private async turn(hasMoved: boolean): Promise<void> {
    this.idleTurnCount = hasMoved ? 0 : this.idleTurnCount + 1
    assert(this.idleTurnCount < IDLE_TURNS_MAX, 'a connection hangs')
    await nextTurn()
  }

  /** No connection is open: all windows must be back. */
  private checkRest(): void {
    const { worker, store } = this.kit
    const lent = lentWindows(worker, this.takenCount)
    assert(lent === 0, `${lent} windows have not come back`)
    assert(
      store.segments.pool.pinnedCount === 0,
      `${store.segments.pool.pinnedCount} segments are still pinned`,
    )
    assert(this.brokenOffCount <= this.refusedCount, 'connections were reset although there was room')
    checkInvariants(worker.arena.words, store)
  }

  private passTime(): void {
    const { clock, store } = this.kit
    clock.advance(this.random.pick(SECONDS))
    store.refreshClock()
    store.memory.reap(this.random.below(1000))
  }

  /** Freed windows are filled with markers, so that a later read of them is noticed. */
  private markFreeMemory(): void {
    const { worker, store } = this.kit
    const { arena, pool } = worker
    const { segments } = store
    const markers = pool.take()!
    arena.bytes.fill(MARKER, markers.start, markers.end)
    const mark = (start: number, end: number) => {
      for (let at = start; at < end; at += pool.windowLength)
        arena.move(at, markers.start, Math.min(pool.windowLength, end - at))
    }
    const give = pool.give.bind(pool)
    pool.give = (window) => {
      if (window.holderCount === 1) mark(window.start, window.end)
      give(window)
    }
    const free = segments.pool.pushFree.bind(segments.pool)
    segments.pool.pushFree = (segment) => {
      const start = segments.firstWordOf(segment) * 4
      mark(start, start + segments.segmentLength)
      free(segment)
    }
  }

  private countRefusals(): void {
    const { pool, engine } = this.kit.worker
    const take = pool.take.bind(pool)
    pool.take = () => {
      const window = take()
      if (window === undefined) this.refusedCount++
      return window
    }
    const defer = engine.defer.bind(engine)
    engine.defer = (request) => {
      const value = defer(request)
      const copyNext = value.copyNext.bind(value)
      value.copyNext = (target, length) => {
        const isThere = copyNext(target, length)
        if (!isThere) this.refusedCount++
        return isThere
      }
      return value
    }
  }
}
