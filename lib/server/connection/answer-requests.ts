import { detectProtocol } from '../../protocol/detect.js'
import { BROKEN, LONG_LINE, NEED_MORE, type Protocol } from '../../protocol/protocol.js'
import { text } from '../../protocol/text/text.js'
import { Command } from '../../request/command.js'
import {
  BATCH_LENGTH_MAX,
  COPIED_VALUE_LENGTH_MAX,
  KEYS_PER_REQUEST,
  TURN_LENGTH_MAX,
} from '../../request/limits.js'
import { NO_VERB, type Session } from '../../request/session.js'
import { EventType } from '../../watch/event.js'
import type { Inbox } from './input/inbox.js'
import { isChangeNext } from './look-ahead.js'
import type { ConnectionJournal } from './output/group-commit.js'
import type { Outbox } from './output/outbox.js'
import { Phase } from './phase.js'
import type { Worker } from './worker.js'

/** The connection, as the loop over its requests sees it. */
export interface Answered {
  readonly session: Session
  readonly inbox: Inbox
  readonly outbox: Outbox
  /** Unknown before the first byte. */
  protocol: Protocol | undefined
  readonly isEnding: boolean
  /** Nothing may be read or answered now. */
  readonly isWaiting: boolean
  enter(phase: Phase): void
  waitForRoom(journal: ConnectionJournal): void
  yieldTurn(): void
  /** The connection waits for a key, or sends no more requests. Returns where the unread rest begins. */
  endRequests(cursor: number, end: number): number
  abort(): void
}

/** Executes every whole request in a range and writes the replies. Returns where the unread rest begins. */
export function answerRequests(connection: Answered, worker: Worker, start: number, end: number): number {
  const { session, inbox, outbox } = connection
  const { arena, engine, request, reply, output, data, watchers } = worker
  const journal = data?.journal
  connection.protocol ??= detectProtocol(worker.protocol, arena.bytes[start]!)
  const ownProtocol = connection.protocol
  const isTold = ownProtocol === text && watchers.events.isWanted(EventType.COMMAND)
  const protocol = isTold ? worker.watchedText : ownProtocol
  const { mayPin } = engine
  const linkFrom = linkFromWith(mayPin)
  let turnsLeft = worker.requestsPerTurn
  let lengthLeft = TURN_LENGTH_MAX
  let keysLeft = KEYS_PER_REQUEST
  let cursor = start
  for (;;) {
    if (journal !== undefined && !journal.hasRoom && isChangeNext(worker, ownProtocol, cursor, end)) {
      connection.waitForRoom(journal)
      return cursor
    }
    const next = protocol.decodeRequest(arena, cursor, end, request)
    if (next === NEED_MORE) return cursor
    if (next === LONG_LINE) {
      inbox.beginLine(cursor, end)
      if (inbox.isBroken) connection.abort()
      return end
    }
    if (next === BROKEN) {
      connection.enter(Phase.BROKEN)
      return end
    }
    if (next > end) {
      inbox.beginValue(protocol, end, next)
      if (reply.isLast) connection.enter(Phase.ENDING)
      return end
    }
    engine.execute(request, reply)
    protocol.encodeReply(arena, request, reply, output, linkFrom)
    const isDeferred = output.linkCount > 0 && !mayPin
    if (output.linkCount > 0) keepValue(outbox, worker, mayPin)
    engine.release()
    cursor = next
    if (reply.isLast) return connection.endRequests(cursor, end)
    if (isDeferred || output.byteLength >= BATCH_LENGTH_MAX) {
      lengthLeft -= output.byteLength
      outbox.flush()
      if (connection.isWaiting || connection.isEnding) return cursor
      if (lengthLeft <= 0) turnsLeft = 1
    }
    // These take as long as many others.
    if (session.list !== undefined || request.command === Command.STATS) turnsLeft = 1
    // So many keys of one line are one request; each part of a list is one.
    if (session.openVerb !== NO_VERB && session.list === undefined && --keysLeft > 0) continue
    keysLeft = KEYS_PER_REQUEST
    if (--turnsLeft === 0 && (cursor < end || session.list !== undefined)) {
      connection.yieldTurn()
      return cursor
    }
  }
}

/** Executes a request that has waited: it is in the worker's record. */
export function answerAgain({ outbox }: Answered, worker: Worker, protocol: Protocol): void {
  const { arena, engine, request, reply, output } = worker
  const { mayPin } = engine
  engine.execute(request, reply)
  protocol.encodeReply(arena, request, reply, output, linkFromWith(mayPin))
  if (output.linkCount > 0) keepValue(outbox, worker, mayPin)
  engine.release()
}

/** From which length on values are linked and not copied. */
const linkFromWith = (mayPin: boolean): number => (mayPin ? COPIED_VALUE_LENGTH_MAX : BATCH_LENGTH_MAX)

/** The value that the last reply links to is pinned, or sent later. */
function keepValue(outbox: Outbox, { engine, request }: Worker, mayPin: boolean): void {
  if (mayPin) outbox.pinLinks()
  else outbox.defer(engine.defer(request))
}
