import * as ascii from '../../arena/ascii.js'
import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { NO_VERB } from '../../request/session.js'
import type { Line } from '../line.js'
import { NO_NUMBER } from '../numbers.js'
import { NEED_MORE } from '../protocol.js'
import { findWordEnd, skipSpaces } from '../tokens.js'
import { Answer, answerWith } from './answers.js'
import { Shape, VERBS } from './verbs.js'

const { CARRIAGE_RETURN, LINE_FEED, SPACE } = ascii

/**
 * A line of keys. The whole line is checked first, because one key that is too long refuses all of it. Then each call returns
 * one key, and the session remembers the verb until the line's end.
 */
export function decodeKeys(line: Line, request: Request): number {
  const { session } = request
  if (!line.nextWord()) return answerWith(request, Answer.ERROR, line.next)
  if (VERBS[request.opcode]!.shape === Shape.TOUCHED_KEYS) {
    const expiry = line.readSigned()
    if (expiry === NO_NUMBER) return answerWith(request, Answer.BAD_EXPIRY, line.next)
    session.openExpiry = expiry
    if (!line.nextWord()) return answerWith(request, Answer.END, line.next)
  }
  const { bytes, wordStart, wordEnd, end, next } = line
  const rest = skipSpaces(bytes, wordEnd, end)
  if (wordEnd - wordStart > KEY_LENGTH_MAX || !areKeys(bytes, rest, end)) {
    return answerWith(request, Answer.BAD_FORMAT, next)
  }
  request.keyStart = wordStart
  request.keyEnd = wordEnd
  request.expiry = session.openExpiry
  request.isLastKey = rest === end
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

/** The next key of a line that was checked already, or the next part of a list. The line may arrive in pieces. */
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
    // There were spaces before the end of the line.
    if (keyEnd === keyStart) return answerWith(request, Answer.END, next)
  }
  request.command = VERBS[request.opcode]!.command
  request.keyStart = keyStart
  request.keyEnd = keyEnd
  request.expiry = session.openExpiry
  return next
}
