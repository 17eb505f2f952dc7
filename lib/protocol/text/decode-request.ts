import type { Arena } from '../../arena/arena.js'
import { COMMAND_LINE_LENGTH_MAX, READ_LENGTH } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { NO_VERB } from '../../request/session.js'
import { Status } from '../../request/status.js'
import { Line } from '../line.js'
import { decodeMeta } from '../meta/decode-request.js'
import { BROKEN, LONG_LINE, NEED_MORE } from '../protocol.js'
import { findWordEnd, isWord, skipSpaces } from '../tokens.js'
import { Answer, answerWith } from './answers.js'
import { decodeCount, decodeDelete, decodePrefix, decodeTouch } from './decode-change.js'
import { decodeKeys, decodeNext } from './decode-keys.js'
import { decodeLogin } from './decode-login.js'
import { decodeValue } from './decode-value.js'
import { decodeWords } from './decode-words.js'
import { findVerb } from './find-verb.js'
import { Shape, VERBS } from './verbs.js'

/** Decodes bytes of the arena into a request, of the text or the meta protocol: see `Protocol.decodeRequest`. */
export function decodeRequest(arena: Arena, start: number, end: number, request: Request): number {
  const { bytes } = arena
  const { session } = request
  request.refusal = Status.OK
  request.isQuiet = false
  request.traits = 0
  request.staged = undefined
  if (session.openVerb !== NO_VERB) return decodeNext(bytes, start, end, request)
  if (session.mustLogIn) return decodeLogin(bytes, start, end, request)

  if (!line.begin(bytes, start, end)) return whyUnfinished(bytes, start, end)
  line.nextWord()
  if (line.wordLength < VERB_LENGTH_MIN) {
    const isBlank = line.wordLength === 0 && line.end > start
    return answerWith(request, isBlank ? Answer.BAD_FORMAT : Answer.ERROR, line.next)
  }
  const verb = findVerb(bytes, line.wordStart, line.wordEnd)
  if (verb < 0) return decodeUnknown(line, request)

  const { command, shape } = VERBS[verb]!
  request.command = command
  request.opcode = verb
  switch (shape) {
    case Shape.KEYS:
    case Shape.TOUCHED_KEYS:
      return decodeKeys(line, request)
    case Shape.VALUE:
    case Shape.VALUE_WITH_CAS:
      return decodeValue(line, request)
    case Shape.META:
    case Shape.META_VALUE:
      return decodeMeta(line, request)
    case Shape.DELETE:
      return decodeDelete(line, request)
    case Shape.PREFIX:
      return decodePrefix(line, request)
    case Shape.COUNT:
      return decodeCount(line, request)
    case Shape.TOUCH:
      return decodeTouch(line, request)
    case Shape.WORDS:
      return decodeWords(line, request)
    default:
      return line.next
  }
}

const line = new Line()

/** No verb is shorter. */
const VERB_LENGTH_MIN = 2

/** The line is incomplete. Only requests for many keys may have long lines. */
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
function decodeUnknown(line: Line, request: Request): number {
  let last = line.end
  while (line.nextWord()) last = line.wordStart
  if (last + HTTP.length <= line.end && isWord(line.bytes, last, last + HTTP.length, HTTP)) return BROKEN
  return answerWith(request, Answer.ERROR, line.next)
}

const HTTP = 'HTTP/'
