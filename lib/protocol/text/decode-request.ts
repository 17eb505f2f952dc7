import type { Arena } from '../../arena/arena.js'
import { COMMAND_LINE_LENGTH_MAX, READ_LENGTH } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { NO_VERB } from '../../request/session.js'
import { Status } from '../../request/status.js'
import { decodeMeta } from '../meta/decode-request.js'
import { BROKEN, LONG_LINE, NEED_MORE } from '../protocol.js'
import { endOfWords, findLineFeed, findWordEnd, isWord, skipSpaces } from '../tokens.js'
import { Answer } from './answers.js'
import { decodeCount, decodeDelete, decodeTouch } from './decode-change.js'
import { decodeKeys, decodeNext } from './decode-keys.js'
import { decodeLogin } from './decode-login.js'
import { decodeValue } from './decode-value.js'
import { decodeWords } from './decode-words.js'
import { findVerb } from './find-verb.js'
import { answerWith } from './refuse.js'
import { Shape, VERBS } from './verbs.js'

/** Bytes of the arena to a request, of the text protocol or of the meta protocol: see `Protocol.decodeRequest`. */
export function decodeRequest(arena: Arena, start: number, end: number, request: Request): number {
  const { bytes } = arena
  const { session } = request
  request.refusal = Status.OK
  request.isQuiet = false
  request.traits = 0
  request.staged = undefined
  if (session.openVerb !== NO_VERB) return decodeNext(bytes, start, end, request)
  if (session.mustLogIn) return decodeLogin(bytes, start, end, request)

  const lineFeed = findLineFeed(bytes, start, end)
  if (lineFeed < 0) return whyUnfinished(bytes, start, end)
  const next = lineFeed + 1
  const lineEnd = endOfWords(bytes, start, lineFeed)
  const verbStart = skipSpaces(bytes, start, lineEnd)
  const verbEnd = findWordEnd(bytes, verbStart, lineEnd)
  if (verbEnd - verbStart < VERB_LENGTH_MIN) {
    const isBlank = verbStart === lineEnd && lineEnd > start
    return answerWith(request, isBlank ? Answer.BAD_FORMAT : Answer.ERROR, next)
  }
  const verb = findVerb(bytes, verbStart, verbEnd)
  if (verb < 0) return decodeUnknown(bytes, verbEnd, lineEnd, next, request)

  const { command, shape } = VERBS[verb]!
  request.command = command
  request.opcode = verb
  switch (shape) {
    case Shape.KEYS:
    case Shape.TOUCHED_KEYS:
      return decodeKeys(bytes, verbEnd, lineEnd, next, request)
    case Shape.VALUE:
    case Shape.VALUE_WITH_CAS:
      return decodeValue(bytes, start, verbEnd, lineEnd, next, end, request)
    case Shape.META:
    case Shape.META_VALUE:
      return decodeMeta(bytes, start, verbEnd, lineEnd, next, end, request)
    case Shape.DELETE:
      return decodeDelete(bytes, verbEnd, lineEnd, next, request)
    case Shape.COUNT:
      return decodeCount(bytes, verbEnd, lineEnd, next, request)
    case Shape.TOUCH:
      return decodeTouch(bytes, verbEnd, lineEnd, next, request)
    case Shape.WORDS:
      return decodeWords(bytes, verbEnd, lineEnd, next, request)
    default:
      return next
  }
}

/** No verb is shorter. */
const VERB_LENGTH_MIN = 2

/** The line goes on. Nobody needs long lines but those who ask for many keys. */
function whyUnfinished(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= COMMAND_LINE_LENGTH_MAX) return NEED_MORE
  const verbStart = skipSpaces(bytes, start, Math.min(end, start + LEADING_SPACES_MAX + 1))
  if (verbStart - start > LEADING_SPACES_MAX) return BROKEN
  const verbEnd = findWordEnd(bytes, verbStart, end)
  const hasKeys = LONG_LINE_VERBS.some((name) => isWord(bytes, verbStart, verbEnd, name))
  if (!hasKeys || verbEnd === end) return BROKEN
  return end - start >= READ_LENGTH ? LONG_LINE : NEED_MORE
}

const LEADING_SPACES_MAX = 100

const LONG_LINE_VERBS = VERBS.filter(({ shape }) => shape === Shape.KEYS || shape === Shape.TOUCHED_KEYS).map(
  ({ name }) => name,
)

/** Refuses HTTP: stops browsers from being used to send commands (cross-protocol requests). */
function decodeUnknown(
  bytes: Uint8Array,
  verbEnd: number,
  lineEnd: number,
  next: number,
  request: Request,
): number {
  let last = skipSpaces(bytes, verbEnd, lineEnd)
  for (let at = last; at < lineEnd; at = skipSpaces(bytes, findWordEnd(bytes, at, lineEnd), lineEnd))
    last = at
  if (last + HTTP.length <= lineEnd && isWord(bytes, last, last + HTTP.length, HTTP)) return BROKEN
  return answerWith(request, Answer.ERROR, next)
}

const HTTP = 'HTTP/'
