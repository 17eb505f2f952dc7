import type { DeferredValue } from '../../../lib/request/deferred-value.js'
import type { Engine } from '../../../lib/request/engine.js'
import type { PartialValue } from '../../../lib/request/partial-value.js'
import type { Reply } from '../../../lib/request/reply.js'
import type { Request } from '../../../lib/request/request.js'
import { Status } from '../../../lib/request/status.js'
import { casHigh, casLow } from '../../../lib/store/item/item.js'
import { Finding } from '../finding.js'
import type { JudgedWorker } from '../judged-worker.js'
import type { Oracle } from '../oracle.js'
import type { SimulatedWorker } from '../simulated-worker.js'
import type { Part, Told } from './asked.js'
import type { Marks } from './marks.js'

/** The connection of a request. */
export interface Asker {
  /** The next request to be executed: it has arrived as a whole, or up to its value. */
  next(isWhole: boolean): Part
  /** Its value is arriving. */
  staged(): void
  /** It has been executed. */
  decided(told: Told, hasChanged: boolean): void
}

export interface JudgingParts {
  readonly worker: SimulatedWorker
  readonly judged: JudgedWorker
  readonly oracle: Oracle
  readonly marks: Marks
  /** How often a value was dropped because others needed its room. */
  readonly refusals: { count: number }
  askerOf(number: number): Asker
  /** A request is about to be executed. */
  onRequest(): void
  /** Reports an error: one that is thrown might be caught. */
  note(error: unknown): void
}

/**
 * The engine of a worker, which has each request judged at the moment at which it is executed. Which request that must
 * be follows from what the client of the connection has sent, not from what was decoded.
 */
export class JudgingEngine implements Engine {
  private readonly parts: JudgingParts
  private readonly worker: SimulatedWorker

  constructor(parts: JudgingParts) {
    this.parts = parts
    this.worker = parts.worker
  }

  execute(request: Request, reply: Reply): void {
    this.noted(() => this.carryOut(request, reply, () => this.worker.engine.execute(request, reply)))
  }

  fail(request: Request, reply: Reply): void {
    this.noted(() => this.carryOut(request, reply, () => this.worker.engine.fail(request, reply)))
  }

  stage(request: Request, reply: Reply): PartialValue | undefined {
    return this.noted(() => this.begun(request, reply))
  }

  private noted<Value>(act: () => Value): Value {
    try {
      return act()
    } catch (error) {
      this.parts.note(error)
      throw error
    }
  }

  private begun(request: Request, reply: Reply): PartialValue | undefined {
    const asker = this.parts.askerOf(request.session.number)
    const part = asker.next(false)
    this.begin(part, request)
    const { changeCount } = this.worker.journal!
    const value = this.worker.engine.stage(request, reply)
    if (value === undefined) this.judge(asker, part, request, reply, changeCount)
    else asker.staged()
    return value
  }

  private carryOut(request: Request, reply: Reply, act: () => void): void {
    const asker = this.parts.askerOf(request.session.number)
    const part = asker.next(true)
    this.begin(part, request)
    const { changeCount } = this.worker.journal!
    act()
    this.judge(asker, part, request, reply, changeCount)
  }

  private begin({ item }: Part, { keyStart, keyEnd }: Request): void {
    this.parts.onRequest()
    if (item === undefined) return
    const { key, operation } = item
    const { bytes } = this.worker.arena
    if (bytes.compare(key.key, 0, key.key.length, keyStart, keyEnd) !== 0)
      throw new Finding(`${bytes.toString('latin1', keyStart, keyEnd)} is requested instead of ${key.name}`)
    this.parts.oracle.beginAsking(key, operation)
  }

  private judge(asker: Asker, part: Part, request: Request, reply: Reply, changeCount: number): void {
    const { worker, judged, oracle } = this.parts
    const { item, flushExpiry } = part
    const { status } = reply
    if (flushExpiry !== undefined) oracle.judgeFlush(flushExpiry, judged, reply)
    const hasChanged = worker.journal!.changeCount !== changeCount
    const { now } = judged
    if (item === undefined) {
      asker.decided({ status, before: undefined, after: undefined, now, marks: '' }, hasChanged)
      return
    }
    const { key, operation } = item
    if (operation.invalidates !== undefined && status === Status.OK) this.tellCas(request, reply)
    const before = oracle.judge(key, operation, judged, reply)
    if (status === Status.OK) this.parts.marks.noteChange(key, operation, before)
    // Clients of other protocols never learn it.
    const marks = part.isMarked === true && status === Status.OK
    const letters = marks ? this.parts.marks.tell(key, operation, before, now, reply.item) : ''
    asker.decided({ status, before, after: key.state, now, marks: letters }, hasChanged)
  }

  /** A delete returns no cas: that of the item that it leaves is read from the store. */
  private tellCas({ keyStart, keyEnd }: Request, reply: Reply): void {
    const { store } = this.worker
    const item = store.held(keyStart, keyEnd - keyStart)
    reply.casHigh = casHigh(store.words, item)
    reply.casLow = casLow(store.words, item)
  }

  // ─── the rest is the worker's own ──────────────────────────────────────────────────────────────────────────────────

  release(): void {
    this.worker.engine.release()
  }

  get mayPin(): boolean {
    return this.worker.engine.mayPin
  }

  defer(request: Request): DeferredValue {
    const value = this.worker.engine.defer(request)
    const copyNext = value.copyNext.bind(value)
    value.copyNext = (target, length) => {
      const isThere = copyNext(target, length)
      if (!isThere) this.parts.refusals.count++
      return isThere
    }
    return value
  }

  pin(start: number): void {
    this.worker.engine.pin(start)
  }

  unpin(start: number): void {
    this.worker.engine.unpin(start)
  }

  get isSound(): boolean {
    return this.worker.engine.isSound
  }

  refreshClock(): void {
    this.worker.engine.refreshClock()
    this.parts.oracle.noteTime(this.parts.judged)
  }

  readonly readsAhead = true

  readAhead(keys: Int32Array, filled: number): void {
    this.worker.engine.readAhead?.(keys, filled)
  }

  endBatch(): void {
    this.worker.engine.endBatch()
  }
}
