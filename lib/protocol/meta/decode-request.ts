import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import { NEED_MORE } from '../protocol.js'
import { Answer } from '../text/answers.js'
import { placeValue, readValueLength, VALUE_END_LENGTH } from '../text/decode-value.js'
import { answerWith } from '../text/refuse.js'
import { findWordEnd, skipSpaces } from '../tokens.js'
import { decodedLength, decodeInPlace } from './base64.js'
import { mode, readFlags } from './read-flags.js'

/** A line of the meta protocol whose verb has been found: its key, its flags and for `ms` its value. */
export function decodeMeta(
  bytes: Uint8Array,
  start: number,
  verbEnd: number,
  lineEnd: number,
  next: number,
  end: number,
  request: Request,
): number {
  const { command } = request
  const keyStart = skipSpaces(bytes, verbEnd, lineEnd)
  const keyEnd = findWordEnd(bytes, keyStart, lineEnd)
  if (keyStart === lineEnd) {
    return answerWith(request, command === Command.DESCRIBE ? Answer.BAD_FORMAT : Answer.ERROR, next)
  }
  request.keyStart = keyStart
  request.keyEnd = keyEnd
  request.isQuiet = false
  if (command === Command.SET) return decodeStore(bytes, start, lineEnd, next, end, request)
  if (keyEnd - keyStart > KEY_LENGTH_MAX) return answerWith(request, Answer.BAD_FORMAT, next)
  const answer =
    command === Command.DESCRIBE
      ? readDescribe(bytes, keyEnd, lineEnd, request)
      : readChange(bytes, keyEnd, lineEnd, request)
  if (answer !== Answer.NONE) {
    // Errors speak, however quiet the request was to be.
    request.isQuiet = false
    return answerWith(request, answer, next)
  }
  decodeKey(bytes, request)
  return next
}

/** `mg`, `md` and `ma` */
function readChange(bytes: Uint8Array, keyEnd: number, lineEnd: number, request: Request): Answer {
  const { command } = request
  request.expiry = 0
  request.clientFlags = 0
  request.vivifyExpiry = 0
  if (command === Command.INCREMENT) {
    request.deltaHigh = 0
    request.deltaLow = 1
    request.initialHigh = 0
    request.initialLow = 0
  }
  const answer = readFlags(bytes, keyEnd, lineEnd, request)
  if (answer !== Answer.NONE) return command === Command.META_GET ? answer : lumped(answer)
  return command === Command.INCREMENT ? readCountMode(request) : Answer.NONE
}

/** `md` and `ma` do not say what is wrong with their flags. */
const lumped = (answer: Answer): Answer =>
  answer === Answer.LONG_OPAQUE || answer === Answer.TOO_MANY_FLAGS ? answer : Answer.INVALID_OR_DUPLICATE

function readCountMode(request: Request): Answer {
  if (request.casHigh === 0 && request.casLow === 0) request.traits &= ~Trait.NAMES_CAS
  request.createsCounter = (request.traits & Trait.VIVIFY) !== 0
  switch (mode[0]) {
    case 0:
    case INCREMENT:
    case PLUS:
      return Answer.NONE
    case DECREMENT:
    case MINUS:
      request.command = Command.DECREMENT
      return Answer.NONE
    default:
      return Answer.BAD_COUNT_MODE
  }
}

/** `me` heeds one flag alone. */
function readDescribe(bytes: Uint8Array, keyEnd: number, lineEnd: number, request: Request): Answer {
  request.traits = Trait.META
  request.flagsStart = keyEnd
  request.flagsEnd = lineEnd
  const first = skipSpaces(bytes, keyEnd, lineEnd)
  if (bytes[first] !== BASE64 || findWordEnd(bytes, first, lineEnd) - first !== 1) return Answer.NONE
  request.traits |= Trait.BASE64_KEY
  return decodedLength(bytes, request.keyStart, request.keyEnd) === 0 ? Answer.BAD_FORMAT : Answer.NONE
}

/** `ms key length flag …`. Where the line is wrong but tells the value's length, the value is passed over. */
function decodeStore(
  bytes: Uint8Array,
  start: number,
  lineEnd: number,
  next: number,
  end: number,
  request: Request,
): number {
  const lengthStart = skipSpaces(bytes, request.keyEnd, lineEnd)
  const lengthEnd = findWordEnd(bytes, lengthStart, lineEnd)
  const length = readValueLength(bytes, lengthStart, lengthEnd)
  if (lengthStart === lineEnd || length < 0) return answerWith(request, Answer.BAD_FORMAT, next)
  request.expiry = 0
  request.clientFlags = 0
  const answer = readStoreFlags(bytes, lengthEnd, lineEnd, request)
  if (answer !== Answer.NONE) {
    request.isQuiet = false
    return answerWith(request, answer, next + length + VALUE_END_LENGTH)
  }
  const behind = placeValue(bytes, start, next, end, length, request)
  // The line is read again when more of it has come: until then the key stays as it is.
  if (behind !== NEED_MORE) decodeKey(bytes, request)
  return behind
}

function readStoreFlags(bytes: Uint8Array, start: number, end: number, request: Request): Answer {
  const answer =
    request.keyEnd - request.keyStart > KEY_LENGTH_MAX
      ? Answer.BAD_FORMAT
      : readFlags(bytes, start, end, request)
  if (answer !== Answer.NONE) return answer
  switch (mode[0]) {
    case 0:
    case SET:
      return Answer.NONE
    case ADD:
      request.command = Command.ADD
      // An add asks whether there is an item, and not which.
      request.traits &= ~Trait.NAMES_CAS
      return Answer.NONE
    case REPLACE:
      request.command = Command.REPLACE
      return Answer.NONE
    case APPEND:
    case PREPEND:
      request.command = mode[0] === APPEND ? Command.APPEND : Command.PREPEND
      if (request.casHigh === 0 && request.casLow === 0) request.traits &= ~Trait.NAMES_CAS
      if ((request.traits & Trait.VIVIFY) !== 0) request.expiry = request.vivifyExpiry
      return Answer.NONE
    default:
      return Answer.BAD_STORE_MODE
  }
}

/** Once the whole request is there, the key takes the place of its base64. */
function decodeKey(bytes: Uint8Array, request: Request): void {
  if ((request.traits & Trait.BASE64_KEY) === 0) return
  const { keyStart, keyEnd } = request
  const length = decodedLength(bytes, keyStart, keyEnd)
  decodeInPlace(bytes, keyStart, keyEnd, length)
  request.keyEnd = keyStart + length
}

const code = (letter: string): number => letter.charCodeAt(0)

const BASE64 = code('b')
const INCREMENT = code('I')
const PLUS = code('+')
const DECREMENT = code('D')
const MINUS = code('-')
const SET = code('S')
const ADD = code('E')
const APPEND = code('A')
const PREPEND = code('P')
const REPLACE = code('R')
