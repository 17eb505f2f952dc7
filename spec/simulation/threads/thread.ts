/** One worker of a run with threads: acts as its seed says whenever it holds the baton, and reports it. */
import { parentPort, threadId } from 'node:worker_threads'
import type { WorkerSlot } from '../../../lib/arena/arena.js'
import { Arena } from '../../../lib/arena/arena.js'
import { beginJournal } from '../../../lib/journal/writing/begun-journal.js'
import { Board } from '../../../lib/journal/writing/board.js'
import { Journal } from '../../../lib/journal/writing/journal.js'
import { Status } from '../../../lib/request/status.js'
import { expiryOf, keyLengthOf, keyStartOf, MISSING } from '../../../lib/store/item/item.js'
import { oneMemory } from '../../support/memories.js'
import { Random } from '../../support/random.js'
import { EventLoop } from '../event-loop.js'
import { GONE, KeyModel } from '../key-model.js'
import { Machine } from '../machine.js'
import type { Plan } from '../plan.js'
import { prepareRequest } from '../prepare-request.js'
import { SimulatedDisk } from '../simulated-disk.js'
import { SimulatedWorker, type WorkerOptions } from '../simulated-worker.js'
import { Workload } from '../workload.js'
import { Baton, type BatonTask } from './baton.js'
import { DIRECTORY, type Entry, GENERATION, type Noted, type ThreadReport } from './history.js'
import { beginDeciding, decidedAt, endInterleaving, interleave, interleaveKernel } from './interleave.js'

export interface ThreadTask {
  readonly baton: BatonTask
  readonly memory: Arena['memory']
  readonly workerSlot: WorkerSlot
  readonly workerOptions: WorkerOptions
  readonly boardRegion: number
  readonly journalRegion: number
  readonly plan: Plan
  readonly keyNames: readonly string[]
  readonly seed: number
  readonly operationCount: number
}

const REAPED_MAX = 300
const REAPING_SHARE = 0.02
const SECOND_SHARE = 0.003
const BATCH_LENGTH = 8
const LINKED_LENGTH_MIN = 1000
const SENT_MAX = 3
const SENDING_SHARE = 0.1

/** A worker with a disk for its journal alone. */
class ThreadedWorker {
  private readonly task: ThreadTask
  private readonly baton: Baton
  private readonly random: Random
  private readonly loop: EventLoop
  private readonly disk = new SimulatedDisk()
  private readonly worker: SimulatedWorker
  private readonly keys: readonly KeyModel[]
  private readonly workload: Workload
  private readonly entries: Entry[] = []
  private journal!: Journal
  /** Values that are being sent to clients: functions to call when they are sent. */
  private readonly sent: (() => void)[] = []

  constructor(task: ThreadTask) {
    this.task = task
    this.random = new Random(task.seed)
    this.baton = new Baton(task.baton, task.workerSlot.worker)
    this.loop = new EventLoop(this.random, this.baton.seconds * 1000, task.plan.lookMs)
    this.loop.install()
    const arena = Arena.attach(task.memory, task.workerSlot)
    interleaveKernel(arena)
    this.worker = new SimulatedWorker(arena, this.loop, task.workerOptions)
    this.keys = task.keyNames.map((name) => new KeyModel(name))
    this.workload = new Workload(this.random, task.plan, this.keys)
  }

  async prepare(): Promise<void> {
    const { worker, disk, task } = this
    const machine = new Machine(this.random, this.loop, disk)
    disk.makeDirectory(DIRECTORY)
    const { arena, store } = worker
    const number = task.workerSlot.worker
    const place = { files: disk, directory: DIRECTORY, store, worker: number }
    const begun = await machine.settled(beginJournal(place, GENERATION))
    const parts = {
      ...place,
      arena,
      region: task.journalRegion + number * Journal.REGION_LENGTH,
      board: new Board(arena, task.boardRegion, task.workerSlot.workerCount),
      fsync: 'no',
      onFailed: (error: Error) => this.note({ kind: 'failed', message: error.message }),
    } as const
    this.journal = await machine.settled(Journal.open(parts, begun))
    worker.keep(this.journal)
    store.memory.onEviction({ evicted: (item) => this.noteEviction(item), clears: () => undefined })
  }

  run(): ThreadReport {
    const { baton, entries } = this
    baton.await()
    interleave(baton)
    try {
      for (let count = 0; count < this.task.operationCount; count++) this.step(count)
      for (const send of this.sent) send()
      this.commit()
    } catch (error) {
      this.note({ kind: 'failed', message: (error as Error).stack ?? `${error}` })
    }
    endInterleaving()
    baton.leave()
    return { entries, files: this.files() }
  }

  private step(count: number): void {
    const { random, worker, baton } = this
    if (count % BATCH_LENGTH === 0) this.beginBatch()
    if (this.sent.length > 0 && random.chance(SENDING_SHARE)) this.sent.shift()!()
    if (random.chance(REAPING_SHARE)) worker.store.memory.reap(random.below(REAPED_MAX))
    const key = this.workload.key()
    const operation = this.workload.operation(key, worker.clock.now)
    beginDeciding()
    prepareRequest(worker, key, operation)
    worker.engine.execute(worker.request, worker.reply)
    const { reply } = worker
    const mark = decidedAt()
    // The reply is written while the item is held.
    baton.pass()
    const { status, clientFlags, numberHigh, numberLow, casHigh, casLow } = reply
    const value = this.replyValue()
    const expiry = status === Status.OK ? this.heldExpiry(key) : undefined
    this.sendLater(value)
    const arePinned = oneMemory(this.worker.store).segments.pool.pinnedCount > 0
    worker.engine.release()
    const asked = { ...operation, value: new Uint8Array(operation.value) }
    const numbers = { status, clientFlags, numberHigh, numberLow, casHigh, casLow }
    this.entries.push({
      ...{ kind: 'asked', mark, now: worker.clock.now, key: this.keys.indexOf(key), operation: asked },
      ...{ reply: numbers, value, expiry, arePinned },
    })
    // What the next request may name.
    if (status === Status.OK) key.lowestCas = casHigh * 0x1_0000_0000 + (casLow >>> 0)
    key.state = GONE
  }

  /** A value that is sent without a copy does not change until it is sent. */
  private sendLater(value: Uint8Array): void {
    const { store, arena } = this.worker
    if (value.length < LINKED_LENGTH_MIN || !store.pins.mayPin || this.sent.length >= SENT_MAX) return
    const { starts, lengths, count } = this.worker.reply.value
    const parts = Array.from({ length: count }, (_, part) => [starts[part]!, lengths[part]!] as const)
    for (const [start] of parts) store.pins.pin(start)
    this.sent.push(() => {
      const bytes = parts.map(([start, length]) => arena.bytes.subarray(start, start + length))
      if (!Buffer.concat(bytes).equals(value))
        this.note({ kind: 'failed', message: 'a pinned value has changed' })
      for (const [start] of parts) store.pins.unpin(start)
    })
  }

  private beginBatch(): void {
    const { baton, loop, worker } = this
    this.commit()
    if (this.random.chance(SECOND_SHARE * BATCH_LENGTH)) baton.passSecond()
    loop.ms = baton.seconds * 1000
    worker.engine.refreshClock()
    this.note({ kind: 'looked at the clock', now: worker.clock.now })
  }

  private commit(): void {
    this.journal.commit()
    while (this.disk.waitingCount > 0) this.disk.proceed(this.random)
  }

  private replyValue(): Uint8Array {
    const { reply, arena } = this.worker
    const { starts, lengths, count } = reply.value
    const parts = Array.from({ length: count }, (_, part) =>
      arena.bytes.subarray(starts[part]!, starts[part]! + lengths[part]!),
    )
    return new Uint8Array(Buffer.concat(parts))
  }

  /** Not in any reply: the expiry of the item, which is held until it is released. */
  private heldExpiry({ key }: KeyModel): number | undefined {
    const { store, arena, scratch } = this.worker
    const item = store.held(scratch, key.length)
    return item === MISSING ? undefined : expiryOf(arena.words, item)
  }

  private noteEviction(item: number): void {
    const { bytes, words } = this.worker.arena
    const start = keyStartOf(words, item)
    const arePinned = oneMemory(this.worker.store).segments.pool.pinnedCount > 0
    const name = bytes.toString('latin1', start, start + keyLengthOf(words, item))
    this.note({ kind: 'evicted', name, now: this.worker.clock.now, arePinned })
  }

  private note(noted: Noted): void {
    this.entries.push({ ...noted, mark: this.baton.mark() })
  }

  private files(): [name: string, bytes: Uint8Array][] {
    return this.disk.list(DIRECTORY).map((name) => {
      const file = this.disk.open(`${DIRECTORY}/${name}`)
      const bytes = new Uint8Array(file.length)
      file.read(bytes, 0, bytes.length, 0)
      return [name, bytes]
    })
  }
}

parentPort!.on('message', async (task: ThreadTask) => {
  const worker = new ThreadedWorker(task)
  await worker.prepare()
  parentPort!.postMessage(`thread ${threadId} is ready`)
  parentPort!.postMessage(worker.run())
})
