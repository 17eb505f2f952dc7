import type { Arena } from '../../arena/arena.js'
import type { Output } from '../../arena/output.js'
import { Command } from '../../request/command.js'
import type { DeferredValue } from '../../request/deferred-value.js'
import type { Engine } from '../../request/engine.js'
import type { PartialValue } from '../../request/partial-value.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import type { ClientLink } from '../connections/client-links.js'
import { binaryError, isTextGet, lineError, lineForStatus } from '../connections/error-replies.js'
import { ReplyMarks } from '../connections/reply-marks.js'
import { changeOpaque, hasOpaque } from '../connections/wrong-opaque.js'
import { type CommandName, commandNameOf, hasKey, hasValue } from '../faults/commands.js'
import { type Effect, type EffectKinds, OF_BYTES, OF_REPLIES, OF_SENT_BYTES } from '../faults/effect.js'
import type { Faults } from '../faults/faults.js'
import { OUTCOMES } from '../faults/outcomes.js'
import { keyText } from './key-text.js'
import { outcomeOfFault, type RequestLog } from './request-log.js'

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
 * the wire of the connection: see `ReplyMarks`.
 */
export class TestEngine implements Engine {
  /** The worker's own. */
  readonly inner: Engine
  private readonly parts: TestEngineParts
  private readonly marks: ReplyMarks

  constructor(inner: Engine, parts: TestEngineParts) {
    this.inner = inner
    this.parts = parts
    this.marks = new ReplyMarks(parts.faults)
  }

  /** Of the worker, which is built after its engine. */
  set output(output: Output) {
    this.marks.output = output
  }

  execute(request: Request, reply: Reply): void {
    const link = this.parts.links.get(request.session.number)
    const name = commandNameOf(request)
    if (link === undefined) {
      this.inner.execute(request, reply)
    } else if (link.isClosing) {
      this.refuse(request, reply)
      reply.isLast = true
    } else {
      this.marks.begin(link)
      const isRest = link.isWithinLine && request.command === Command.NOOP
      if (name === null || isRest) this.inner.execute(request, reply)
      else this.executeCounted(name, request, reply, link)
      if (!link.wire.isBinary) this.afterPart(request, reply, link)
    }
  }

  private executeCounted(name: CommandName, request: Request, reply: Reply, link: ClientLink): void {
    const key = this.keyOf(request)
    const effect = link.isCounted ? link.heldEffect : this.effectOnNew(name, key, request, link)
    if (effect === undefined) {
      this.inner.execute(request, reply)
    } else if (!this.prevents(effect, request, reply, link)) {
      this.disturb(effect, request, link)
      this.inner.execute(request, reply)
    }
    link.isCounted = request.session.isParked
    link.heldEffect = undefined
    if (link.isCounted) {
      // The fault applies to the reply of the later run.
      if (!this.marks.isEmpty) link.heldEffect = effect
      this.marks.takeBack(link)
      return
    }
    if (effect?.kind === 'close' && link.lineMark === undefined) this.close(reply, link)
    this.logRequest(name, key, request, reply, effect)
  }

  release(): void {
    this.marks.finish()
    this.inner.release()
  }

  /** A fault that prevents the command does so now, whether there is room for the value or not. Others wait for the value. */
  stage(request: Request, reply: Reply): PartialValue | undefined {
    const link = this.parts.links.get(request.session.number)
    const name = commandNameOf(request)
    if (link === undefined || name === null) return this.inner.stage(request, reply)
    if (link.isClosing) {
      reply.reset()
      reply.isLast = true
      return undefined
    }
    this.marks.begin(link)
    const key = this.keyOf(request)
    const effect = this.effectOnNew(name, key, request, link)
    if (effect === undefined || !this.prevents(effect, request, reply, link)) {
      const value = this.inner.stage(request, reply)
      link.heldEffect = effect
      link.isCounted = true
      if (value !== undefined) return value
      this.endUnstaged(name, request, reply, link)
    } else {
      this.logRequest(name, key, request, reply, effect)
    }
    return undefined
  }

  fail(request: Request, reply: Reply): void {
    this.inner.fail(request, reply)
    const link = this.parts.links.get(request.session.number)
    const name = commandNameOf(request)
    if (link === undefined || name === null) return
    this.marks.begin(link)
    this.endUnstaged(name, request, reply, link)
  }

  /** There is no room for the value of a request that has been counted: this is its reply. */
  private endUnstaged(name: CommandName, request: Request, reply: Reply, link: ClientLink): void {
    const { heldEffect: effect } = link
    link.isCounted = false
    link.heldEffect = undefined
    if (effect !== undefined) this.disturb(effect, request, link)
    if (effect?.kind === 'close') this.close(reply, link)
    this.logRequest(name, this.keyOf(request), request, reply, effect)
  }

  defer(request: Request): DeferredValue {
    this.marks.measure()
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

  private effectOnNew(
    name: CommandName,
    key: string | undefined,
    request: Request,
    link: ClientLink,
  ): Effect | undefined {
    const { faults, arena } = this.parts
    link.requestCount++
    if (faults.isEmpty) return undefined
    const connection = link.number
    return faults.effectOn({
      ...{ name, key, connection },
      hasOpaque: link.wire.isBinary || hasOpaque(arena, request),
      withheld: withheldFrom(request, link),
    })
  }

  /** Replies in place of the command, if the effect does so. Otherwise returns false, and the command must be run. */
  private prevents(effect: Effect, request: Request, reply: Reply, link: ClientLink): boolean {
    switch (effect.kind) {
      case 'status':
        this.refuse(request, reply)
        reply.status = effect.status
        if (!link.wire.isBinary) this.replace(request, link, lineForStatus(request.command, effect.status))
        return true
      case 'foreign': {
        const { code, text } = effect
        this.refuse(request, reply)
        this.replace(request, link, link.wire.isBinary ? binaryError(request, code, text) : lineError(text))
        return true
      }
      case 'reply':
        this.refuse(request, reply)
        this.replace(request, link, effect.bytes)
        return true
      case 'restart':
        this.refuse(request, reply)
        reply.isLast = true
        this.parts.restart(effect.keepsItems)
        return true
      default:
        return false
    }
  }

  /** The command is run. */
  private disturb(effect: Effect, request: Request, link: ClientLink): void {
    switch (effect.kind) {
      case 'evict':
        this.parts.evict(request)
        return
      case 'opaque':
        // A request that was run before, and has waited for a key, has another one already.
        if (!link.isCounted || request.command !== Command.META_WAIT) changeOpaque(this.parts.arena, request)
        this.marks.add(link, effect)
        return
      case 'timeout':
      case 'close':
      case 'garbage':
      case 'slow':
      case 'delay':
        this.marks.add(link, effect, hasMoreParts(request, link))
        return
      default:
        throw new Error(`${effect.kind} does not happen to requests that are run`)
    }
  }

  /** Requests behind this one are not run. */
  private close(reply: Reply, link: ClientLink): void {
    reply.isLast = true
    link.isClosing = true
  }

  /** The command is not run. */
  private refuse(request: Request, reply: Reply): void {
    request.staged?.discard()
    reply.reset()
  }

  /** Sends other bytes instead of the reply, unless the client wants none. */
  private replace(request: Request, link: ClientLink, bytes: Buffer | undefined): void {
    if (bytes === undefined || hasNoReply(request, link)) return
    this.marks.replace(link, bytes)
    if (isKeyOfLine(request, link)) link.dropsRestOfLine = !request.isLastKey
  }

  /** This may be one key of a line, or its end: then a fault may have taken the place of the rest. Or it is a part of a list. */
  private afterPart(request: Request, reply: Reply, link: ClientLink): void {
    const isOfList = request.command === Command.LIST || request.command === Command.LIST_NEXT
    if (!isOfList && !isTextGet(request.command) && !link.isWithinLine) return
    // A quiet NOOP is a part of a line without a key: spaces.
    const isEnd = isOfList ? request.session.list === undefined : request.isLastKey && !request.isQuiet
    if (link.dropsRestOfLine && this.marks.isEmpty && link.lineMark === undefined)
      this.marks.replace(link, NOTHING)
    if (isEnd && link.lineMark?.effect.kind === 'close') this.close(reply, link)
    if (isEnd) {
      this.marks.endLine(link)
      link.dropsRestOfLine = false
    }
    link.isWithinLine = !isEnd
  }

  // ─── the log ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private keyOf({ command, keyStart, keyEnd }: Request): string | undefined {
    return hasKey(command) ? keyText(this.parts.arena.view(keyStart, keyEnd)) : undefined
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
}

const NOTHING = Buffer.alloc(0)

const isKeyOfLine = ({ command }: Request, { wire }: ClientLink): boolean =>
  !wire.isBinary && isTextGet(command)

const hasMoreParts = (request: Request, link: ClientLink): boolean =>
  isKeyOfLine(request, link) ? !request.isLastKey : request.command === Command.LIST && !link.wire.isBinary

/** `noreply` of the text protocol hides errors, too. A quiet request of the others hides only the reply that its client expects. */
const hasNoReply = ({ isQuiet, traits }: Request, { wire }: ClientLink): boolean =>
  isQuiet && (traits & Trait.META) === 0 && !wire.isBinary

/** Two faults do not change one reply: that of a line is that of the first key with a fault. An error ends it. */
function withheldFrom(request: Request, link: ClientLink): EffectKinds | undefined {
  if (link.dropsRestOfLine) return OF_REPLIES
  if (link.lineMark !== undefined) return OF_BYTES
  return hasNoReply(request, link) ? OF_SENT_BYTES : undefined
}
