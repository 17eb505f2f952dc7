import type { Insight } from '../metrics/insight.js'
import { isChange, isFlush, isRemoval } from '../request/change.js'
import type { DeferredValue } from '../request/deferred-value.js'
import type { Engine } from '../request/engine.js'
import type { PartialValue } from '../request/partial-value.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { NothingChanged } from '../store/nothing-changed.js'
import { CommandObserver } from './command-observer.js'
import { COMMANDS } from './command-table.js'
import type { Context } from './context/context.js'
import { ItemValue } from './items/deferred-value.js'
import { refuseWithoutMemory } from './items/writing/refusal.js'
import { stageValue } from './items/writing/staging.js'
import { mayExecute } from './may-execute.js'

/** Runs requests on a store in this process. */
export class LocalEngine implements Engine {
  private readonly context: Context
  /** Is used while there are watchers. */
  private readonly observer: CommandObserver | undefined
  private readonly insight: Insight | undefined

  constructor(context: Context) {
    this.context = context
    this.observer = context.watchers && new CommandObserver(context, context.watchers.events)
    this.insight = context.insight
  }

  execute(request: Request, reply: Reply): void {
    reply.reset()
    if (!mayExecute(this.context, request, reply)) return
    if (this.mayChange(request, reply)) this.run(request, reply)
    else request.staged?.discard()
    this.insight?.note(request, reply)
  }

  stage(request: Request, reply: Reply): PartialValue | undefined {
    reply.reset()
    if (!mayExecute(this.context, request, reply)) return undefined
    const staged = this.mayChange(request, reply) ? this.begin(request, reply) : undefined
    // The request ends here; otherwise it is executed once its value is complete.
    if (staged === undefined) this.insight?.note(request, reply)
    return staged
  }

  fail(request: Request, reply: Reply): void {
    reply.reset()
    try {
      if (this.observer?.isNeeded === true) this.observer.fail(request, reply)
      else refuseWithoutMemory(this.context, request, reply)
      request.staged?.discard()
    } catch (error) {
      this.giveUp(request, reply, error)
    }
    this.insight?.note(request, reply)
  }

  release(): void {
    this.context.store.release()
  }

  refreshClock(): void {
    this.context.store.refreshClock()
    this.context.watchers?.events.refresh()
    this.insight?.beginBatch()
  }

  get readsAhead(): boolean {
    return this.context.store.keysAhead.areMany
  }

  readAhead(keys: Int32Array, filled: number): void {
    this.context.store.keysAhead.read(keys, filled)
  }

  endBatch(): void {
    this.insight?.endBatch()
  }

  get isSound(): boolean {
    return this.context.store.isSound
  }

  get mayPin(): boolean {
    return this.context.store.pins.mayPin
  }

  defer({ keyStart, keyEnd }: Request): DeferredValue {
    const item = this.context.store.held(keyStart, keyEnd - keyStart)
    return new ItemValue(this.context, item, keyStart, keyEnd)
  }

  pin(start: number): void {
    this.context.store.pins.pin(start)
  }

  unpin(start: number): void {
    this.context.store.pins.unpin(start)
  }

  private run(request: Request, reply: Reply): void {
    try {
      if (this.observer?.isNeeded === true) this.observer.execute(request, reply)
      else COMMANDS[request.command](this.context, request, reply)
    } catch (error) {
      this.giveUp(request, reply, error)
    }
  }

  private begin(request: Request, reply: Reply): PartialValue | undefined {
    try {
      if (this.observer?.isNeeded === true) return this.observer.stage(request, reply)
      return stageValue(this.context, request, reply)
    } catch (error) {
      this.giveUp(request, reply, error)
      return undefined
    }
  }

  /**
   * A defect of this server: the request fails, and the server continues. It ends instead if memory may be inconsistent:
   * that is better than values that no client has stored.
   */
  private giveUp(request: Request, reply: Reply, error: unknown): void {
    const { store, serverControl } = this.context
    if (!store.isSound && !(error instanceof NothingChanged)) throw error
    store.release()
    reply.reset()
    reply.status = Status.INTERNAL_ERROR
    request.staged?.discard()
    serverControl.reportDefect(error)
  }

  /** A change that could not be kept is not begun. One that only removes helps a full disk. */
  private mayChange(request: Request, reply: Reply): boolean {
    const { gate } = this.context
    if (gate === undefined || gate.isTaking || !isChange(request)) return true
    if (isRemoval(request) && (isFlush(request) ? gate.isTakingFlushes : gate.isTakingRemovals)) return true
    reply.status = Status.TEMPORARY_FAILURE
    return false
  }
}
