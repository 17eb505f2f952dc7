import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { NO_VERB } from '../../request/session.js'
import { NO_NUMBER, readSigned } from '../numbers.js'
import { NEED_MORE } from '../protocol.js'
import { findWordEnd, skipSpaces } from '../tokens.js'
import { Answer } from './answers.js'
import { answerWith } from './refuse.js'
import { Shape, VERBS } from './verbs.js'

/**
 * A line of keys. The whole line is looked at first, because one key too long refuses all of it; then each call answers
 * one key, and the session remembers the verb until the line's end.
 */
export function decodeKeys(
  bytes: Uint8Array,
  verbEnd: number,
  lineEnd: number,
  next: number,
  request: Request,
): number {
  const { session } = request
  let first = skipSpaces(bytes, verbEnd, lineEnd)
  if (first === lineEnd) return answerWith(request, Answer.ERROR, next)
  if (VERBS[request.opcode]!.shape === Shape.TOUCHED_KEYS) {
    const expiryEnd = findWordEnd(bytes, first, lineEnd)
    const expiry = readSigned(bytes, first, expiryEnd)
    if (expiry === NO_NUMBER) return answerWith(request, Answer.BAD_EXPIRY, next)
    session.openExpiry = expiry
    first = skipSpaces(bytes, expiryEnd, lineEnd)
    if (first === lineEnd) return answerWith(request, Answer.END, next)
  }
  const keyEnd = findWordEnd(bytes, first, lineEnd)
  const rest = skipSpaces(bytes, keyEnd, lineEnd)
  if (keyEnd - first > KEY_LENGTH_MAX || !areKeys(bytes, rest, lineEnd)) {
    return answerWith(request, Answer.BAD_FORMAT, next)
  }
  request.keyStart = first
  request.keyEnd = keyEnd
  request.expiry = session.openExpiry
  request.isLastKey = rest === lineEnd
  if (request.isLastKey) return next
  session.openVerb = request.opcode
  return rest
}

function areKeys(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const keyEnd = findWordEnd(bytes, at, end)
    if (keyEnd - at > KEY_LENGTH_MAX) return false
    at = skipSpaces(bytes, keyEnd, end)
  }
  return true
}

/** The next key of a line that has been looked at already, or the next part of a list. The line may come in pieces. */
export function decodeNext(bytes: Uint8Array, start: number, end: number, request: Request): number {
  const { session } = request
  request.opcode = session.openVerb
  if (session.list !== undefined) {
    request.command = Command.LIST_NEXT
    return start
  }
  const keyStart = skipSpaces(bytes, start, end)
  if (keyStart === end && keyStart > start) {
    request.isQuiet = true
    return answerWith(request, Answer.NONE, keyStart)
  }
  let keyEnd = keyStart
  while (keyEnd < end && bytes[keyEnd] !== SPACE && bytes[keyEnd] !== LINE_FEED) keyEnd++
  if (keyEnd === end) return NEED_MORE
  let next = skipSpaces(bytes, keyEnd, end)
  if (next < end && bytes[next] === CARRIAGE_RETURN && next + 1 < end && bytes[next + 1] === LINE_FEED) next++
  request.isLastKey = next < end && bytes[next] === LINE_FEED
  if (request.isLastKey) {
    session.openVerb = NO_VERB
    next++
    if (bytes[keyEnd] === LINE_FEED && keyEnd > keyStart && bytes[keyEnd - 1] === CARRIAGE_RETURN) keyEnd--
    // Spaces stood before the end of the line.
    if (keyEnd === keyStart) return answerWith(request, Answer.END, next)
  }
  request.command = VERBS[request.opcode]!.command
  request.keyStart = keyStart
  request.keyEnd = keyEnd
  request.expiry = session.openExpiry
  return next
}

const SPACE = 0x20
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
