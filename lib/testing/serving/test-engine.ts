import type { Arena } from '../../arena/arena.js'
import type { Output } from '../../arena/output.js'
import type { DeferredValue } from '../../request/deferred-value.js'
import type { Engine } from '../../request/engine.js'
import type { PartialValue } from '../../request/partial-value.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { type CommandName, commandNameOf, hasKey, hasValue } from '../faults/commands.js'
import type { Effect } from '../faults/effect.js'
import type { Faults } from '../faults/faults.js'
import { OUTCOMES } from '../faults/outcomes.js'
import type { ClientLink } from './client-links.js'
import { binaryError, isTextGet, lineError, lineForStatus } from './error-replies.js'
import { steadyMs } from './real-time.js'
import type { ReplyMark } from './reply-mark.js'
import { outcomeOfFault, type RequestLog } from './request-log.js'
import { changeOpaque } from './wrong-opaque.js'

export interface TestEngineParts {
  readonly arena: Arena
  readonly faults: Faults
  readonly log: RequestLog
  /** The connections, by their numbers. */
  readonly links: ReadonlyMap<number, ClientLink>
  evict(request: Request): void
  restart(keepsItems: boolean): void
}

/**
 * Stands before the engine of a worker: logs each request, and applies faults to it. A fault of the bytes of a reply is a mark on
 * the wire of the connection, with the positions of the output before and after the reply.
 */
export class TestEngine implements Engine {
  /** Of the worker, which is built after its engine. */
  output!: Output
  /** The worker's own. */
  readonly inner: Engine
  private readonly parts: TestEngineParts
  /** The marks of the reply that is being encoded. */
  private readonly open: ReplyMark[] = []
  private openLink: ClientLink | undefined = undefined
  /** Where the reply ends, if that had to be measured before a part of it was taken away. */
  private replyEnd: number | undefined = undefined

  constructor(inner: Engine, parts: TestEngineParts) {
    this.inner = inner
    this.parts = parts
  }

  execute(request: Request, reply: Reply): void {
    const link = this.parts.links.get(request.session.number)
    const name = commandNameOf(request)
    if (link === undefined || name === null) {
      this.inner.execute(request, reply)
      return
    }
    this.openLink = link
    const key = this.keyOf(request)
    const effect = link.isParked ? link.parkedEffect : this.effectOnNew(name, key, link)
    if (effect === undefined) this.inner.execute(request, reply)
    else this.apply(effect, request, reply, link)
    link.isParked = request.session.isParked
    if (link.isParked) {
      this.park(link, effect)
      return
    }
    if (link.dropsRestOfLine) this.dropKey(request, link)
    this.logRequest(name, key, request, reply, effect)
  }

  release(): void {
    const link = this.openLink
    if (link !== undefined) {
      const end = this.replyEnd ?? this.placeOn(link)
      this.openLink = undefined
      this.replyEnd = undefined
      for (const mark of this.open.splice(0)) {
        mark.end = end
        link.wire.markEnded(mark)
      }
    }
    this.inner.release()
  }

  stage(request: Request, reply: Reply): PartialValue | undefined {
    const value = this.inner.stage(request, reply)
    if (value === undefined) this.logUnstaged(request, reply)
    return value
  }

  fail(request: Request, reply: Reply): void {
    this.inner.fail(request, reply)
    this.logUnstaged(request, reply)
  }

  defer(request: Request): DeferredValue {
    // The value leaves the output now and is sent later; it is still a part of the reply.
    if (this.openLink !== undefined) this.replyEnd = this.placeOn(this.openLink)
    return this.inner.defer(request)
  }

  get mayPin(): boolean {
    return this.inner.mayPin
  }

  pin(start: number): void {
    this.inner.pin(start)
  }

  unpin(start: number): void {
    this.inner.unpin(start)
  }

  get isSound(): boolean {
    return this.inner.isSound
  }

  refreshClock(): void {
    this.inner.refreshClock()
  }

  endBatch(): void {
    this.inner.endBatch()
  }

  // ─── faults ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private effectOnNew(name: CommandName, key: string | undefined, link: ClientLink): Effect | undefined {
    const { faults } = this.parts
    link.requestCount++
    if (faults.isEmpty || link.dropsRestOfLine) return undefined
    return faults.effectOn({ name, key, connection: link.number })
  }

  private apply(effect: Effect, request: Request, reply: Reply, link: ClientLink): void {
    switch (effect.kind) {
      case 'status':
        this.refuse(request, reply)
        reply.status = effect.status
        if (!link.wire.isBinary) this.replace(request, link, lineForStatus(request.command, effect.status))
        return
      case 'foreign': {
        const { code, text } = effect
        this.refuse(request, reply)
        this.replace(request, link, link.wire.isBinary ? binaryError(request, code, text) : lineError(text))
        return
      }
      case 'reply':
        this.refuse(request, reply)
        this.replace(request, link, effect.bytes)
        return
      case 'restart':
        this.refuse(request, reply)
        reply.isLast = true
        this.parts.restart(effect.keepsItems)
        return
      case 'evict':
        if (hasKey(request.command)) this.parts.evict(request)
        this.inner.execute(request, reply)
        return
      case 'opaque':
        changeOpaque(this.parts.arena, request)
        this.inner.execute(request, reply)
        return
      case 'refuse':
      case 'reset':
        throw new Error('these happen to connections, not to requests')
      default:
        this.addMark(link, effect)
        this.inner.execute(request, reply)
        // Requests behind this one are not run: the connection closes.
        if (effect.kind === 'close') reply.isLast = true
    }
  }

  /** The request waits, and is run again later. The fault applies to the reply of that run. */
  private park(link: ClientLink, effect: Effect | undefined): void {
    const mark = this.open.pop()
    link.parkedEffect = mark === undefined ? undefined : effect
    if (mark !== undefined) link.wire.unmark(mark)
  }

  /** The command is not run. */
  private refuse(request: Request, reply: Reply): void {
    request.staged?.discard()
    reply.reset()
  }

  /** Sends other bytes instead of the reply, unless the client wants none. */
  private replace(request: Request, link: ClientLink, bytes: Buffer | undefined): void {
    if (bytes === undefined || (request.isQuiet && !link.wire.isBinary)) return
    this.addMark(link, { kind: 'replace', bytes })
    if (!link.wire.isBinary && isTextGet(request.command)) link.dropsRestOfLine = !request.isLastKey
  }

  /** A key behind one whose error has ended the reply of the line. */
  private dropKey(request: Request, link: ClientLink): void {
    if (this.open.length === 0) this.addMark(link, { kind: 'replace', bytes: NOTHING })
    if (request.isLastKey) link.dropsRestOfLine = false
  }

  private addMark(link: ClientLink, effect: ReplyMark['effect']): void {
    const start = this.placeOn(link)
    const mark: ReplyMark = { start, end: start, effect, sinceMs: steadyMs(), hasBegun: false }
    this.open.push(mark)
    link.wire.mark(mark)
  }

  /** How many bytes the connection has produced, with those in the output. */
  private placeOn({ wire }: ClientLink): number {
    return wire.producedLength + this.output.byteLength
  }

  // ─── the log ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private keyOf({ command, keyStart, keyEnd }: Request): string | undefined {
    return hasKey(command) ? this.parts.arena.bytes.toString('utf8', keyStart, keyEnd) : undefined
  }

  private logRequest(
    command: CommandName,
    key: string | undefined,
    request: Request,
    reply: Reply,
    effect: Effect | undefined,
  ): void {
    const isRun =
      effect === undefined ||
      (effect.kind !== 'reply' && effect.kind !== 'foreign' && effect.kind !== 'restart')
    this.parts.log.add({
      command,
      key,
      valueLength: hasValue(request.command) ? request.valueEnd - request.valueStart : reply.valueLength,
      outcome: isRun ? OUTCOMES[reply.status] : outcomeOfFault(effect),
      connection: request.session.number,
    })
  }

  /** A request whose value is too long to wait for, and not wanted. */
  private logUnstaged(request: Request, reply: Reply): void {
    const name = commandNameOf(request)
    const link = this.parts.links.get(request.session.number)
    if (name === null || link === undefined) return
    link.requestCount++
    this.logRequest(name, this.keyOf(request), request, reply, undefined)
  }
}

const NOTHING = Buffer.alloc(0)
