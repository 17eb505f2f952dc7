import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import type { Line } from '../line.js'
import { readUnsigned } from '../numbers.js'
import { NEED_MORE } from '../protocol.js'
import { Answer, answerWith } from '../text/answers.js'
import { placeValue, readValueLength, VALUE_END_LENGTH } from '../text/decode-value.js'
import { findWordEnd, skipSpaces } from '../tokens.js'
import { decodedLength, decodeInPlace } from './base64.js'
import { readFlags } from './read-flags.js'

/** A meta line whose verb has been found: its key, its flags and for `ms` its value. */
export function decodeMeta(line: Line, request: Request): number {
  const { command } = request
  if (!line.nextWord())
    return answerWith(request, command === Command.DESCRIBE ? Answer.BAD_FORMAT : Answer.ERROR, line.next)
  request.keyStart = line.wordStart
  request.keyEnd = line.wordEnd
  request.isQuiet = false
  if (command === Command.SET) return decodeStore(line, request)
  if (line.wordLength > KEY_LENGTH_MAX) return answerWith(request, Answer.BAD_FORMAT, line.next)
  const answer = command === Command.DESCRIBE ? readDescribe(line, request) : readChange(line, request)
  if (answer !== Answer.NONE) {
    // Errors are sent even if the request is quiet.
    request.isQuiet = false
    return answerWith(request, answer, line.next)
  }
  decodeKey(line.bytes, request)
  return line.next
}

/** `mg`, `mw`, `md` and `ma` */
function readChange(line: Line, request: Request): Answer {
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
  const answer = readFlags(line, request)
  if (command === Command.META_WAIT) return answer === Answer.NONE ? readWait(line, request) : answer
  if (answer !== Answer.NONE) return command === Command.META_GET ? answer : lumped(answer)
  return command === Command.INCREMENT ? readCountMode(line, request) : Answer.NONE
}

/** `mw` must have the cas that the client knows, and the time to wait. It never changes the item. */
function readWait(line: Line, request: Request): Answer {
  const { bytes } = line
  const { flagsStart, flagsEnd } = request
  const isTimed = (request.traits & Trait.TOUCH) !== 0
  request.traits &= WAIT_TRAITS
  for (let flag = skipSpaces(bytes, flagsStart, flagsEnd); flag < flagsEnd; ) {
    const wordEnd = findWordEnd(bytes, flag, flagsEnd)
    if (bytes[flag] === CAS) {
      if (!isTimed || !readUnsigned(bytes, flag + 1, wordEnd, line.number)) return Answer.BAD_TOKEN
      request.casHigh = line.number.high
      request.casLow = line.number.low
      return Answer.NONE
    }
    flag = skipSpaces(bytes, wordEnd, flagsEnd)
  }
  return Answer.BAD_TOKEN
}

const WAIT_TRAITS = Trait.META | Trait.BASE64_KEY | Trait.UNSEEN | Trait.VALUE

/** `md` and `ma` have one error for all wrong flags. */
const lumped = (answer: Answer): Answer =>
  answer === Answer.LONG_OPAQUE || answer === Answer.TOO_MANY_FLAGS ? answer : Answer.INVALID_OR_DUPLICATE

function readCountMode(line: Line, request: Request): Answer {
  if (request.casHigh === 0 && request.casLow === 0) request.traits &= ~Trait.NAMES_CAS
  request.createsCounter = (request.traits & Trait.VIVIFY) !== 0
  switch (line.mode) {
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

/** `me` has one flag. */
function readDescribe(line: Line, request: Request): Answer {
  request.traits = Trait.META
  request.flagsStart = line.wordEnd
  request.flagsEnd = line.end
  line.nextWord()
  if (line.wordLength !== 1 || line.bytes[line.wordStart] !== BASE64) return Answer.NONE
  request.traits |= Trait.BASE64_KEY
  return decodedLength(line.bytes, request.keyStart, request.keyEnd) === 0 ? Answer.BAD_FORMAT : Answer.NONE
}

/** `ms key length flag …`. If the line is wrong but has the value's length, the value is skipped. */
function decodeStore(line: Line, request: Request): number {
  if (!line.nextWord()) return answerWith(request, Answer.BAD_FORMAT, line.next)
  const length = readValueLength(line)
  if (length < 0) return answerWith(request, Answer.BAD_FORMAT, line.next)
  request.expiry = 0
  request.clientFlags = 0
  const answer = readStoreFlags(line, request)
  if (answer !== Answer.NONE) {
    request.isQuiet = false
    return answerWith(request, answer, line.next + length + VALUE_END_LENGTH)
  }
  const next = placeValue(line, length, request)
  // The line is read again when more of it has arrived: until then the key does not change.
  if (next !== NEED_MORE) decodeKey(line.bytes, request)
  return next
}

function readStoreFlags(line: Line, request: Request): Answer {
  const isLongKey = request.keyEnd - request.keyStart > KEY_LENGTH_MAX
  const answer = isLongKey ? Answer.BAD_FORMAT : readFlags(line, request)
  if (answer !== Answer.NONE) return answer
  switch (line.mode) {
    case 0:
    case SET:
      return Answer.NONE
    case ADD:
      request.command = Command.ADD
      // For an add the cas is ignored: it only asks whether there is an item.
      request.traits &= ~Trait.NAMES_CAS
      return Answer.NONE
    case REPLACE:
      request.command = Command.REPLACE
      return Answer.NONE
    case APPEND:
    case PREPEND:
      request.command = line.mode === APPEND ? Command.APPEND : Command.PREPEND
      if (request.casHigh === 0 && request.casLow === 0) request.traits &= ~Trait.NAMES_CAS
      if ((request.traits & Trait.VIVIFY) !== 0) request.expiry = request.vivifyExpiry
      return Answer.NONE
    default:
      return Answer.BAD_STORE_MODE
  }
}

/** Once the whole request is there, the decoded key replaces its base64. */
function decodeKey(bytes: Uint8Array, request: Request): void {
  if ((request.traits & Trait.BASE64_KEY) === 0) return
  const { keyStart, keyEnd } = request
  const length = decodedLength(bytes, keyStart, keyEnd)
  decodeInPlace(bytes, keyStart, keyEnd, length)
  request.keyEnd = keyStart + length
}

const code = (letter: string): number => letter.charCodeAt(0)

const BASE64 = code('b')
const CAS = code('c')
const INCREMENT = code('I')
const PLUS = code('+')
const DECREMENT = code('D')
const MINUS = code('-')
const SET = code('S')
const ADD = code('E')
const APPEND = code('A')
const PREPEND = code('P')
const REPLACE = code('R')
