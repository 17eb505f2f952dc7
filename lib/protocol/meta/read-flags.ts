import type { Halves } from '../../arena/decimal.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import type { Line } from '../line.js'
import { NO_NUMBER } from '../numbers.js'
import { Answer } from '../text/answers.js'
import { decodedLength } from './base64.js'
import { Argument, FLAG_ROWS, FLAGS, OPAQUE_LENGTH_MAX, WORD_COUNT_MAX } from './flags.js'

/**
 * Reads the flags after the words that have been read into the request. Returns NONE, or the error of the line: an
 * unknown or repeated flag ends the reading; of other errors the last one is returned.
 */
export function readFlags(line: Line, request: Request): Answer {
  let answer: Answer = Answer.NONE
  let seen = 0
  let count = 0
  line.mode = 0
  request.flagsStart = line.wordEnd
  request.flagsEnd = line.end
  request.traits = Trait.META
  while (line.nextWord()) {
    const letter = line.bytes[line.wordStart]!
    if (letter >= LETTER_END) return Answer.DUPLICATE_FLAG
    const row = FLAG_ROWS[letter]!
    if (row < 0) return Answer.INVALID_FLAG
    if ((seen & (1 << row)) !== 0) return Answer.DUPLICATE_FLAG
    seen |= 1 << row
    count++
    const { argument, trait } = FLAGS[row]!
    request.traits |= trait
    line.wordStart++
    const found =
      argument === Argument.NONE
        ? readPlain(line.bytes, letter, request)
        : readArgument(line, letter, argument, request)
    if (found !== Answer.NONE) answer = found
  }
  if (answer !== Answer.NONE) return answer
  return count > WORD_COUNT_MAX ? Answer.TOO_MANY_FLAGS : Answer.NONE
}

/** Characters from here on are not letters. */
const LETTER_END = 127

function readPlain(bytes: Uint8Array, letter: number, request: Request): Answer {
  if (letter === QUIET) request.isQuiet = true
  if (letter !== BASE64) return Answer.NONE
  return decodedLength(bytes, request.keyStart, request.keyEnd) === 0 ? Answer.BAD_KEY : Answer.NONE
}

/** The argument is the rest of the word. */
function readArgument(line: Line, letter: number, argument: Argument, request: Request): Answer {
  switch (argument) {
    case Argument.SECONDS:
      return readSeconds(line.readSigned(), letter, request)
    case Argument.NUMBER:
      return line.readUnsigned() ? setNumber(line.number, letter, request) : BAD_NUMBERS[letter]!
    case Argument.MODE:
      if (line.wordLength !== 1) return Answer.LONG_MODE
      line.mode = line.bytes[line.wordStart]!
      return Answer.NONE
    default:
      return letter === OPAQUE && line.wordLength >= OPAQUE_LENGTH_MAX ? Answer.LONG_OPAQUE : Answer.NONE
  }
}

function readSeconds(seconds: number, letter: number, request: Request): Answer {
  if (seconds === NO_NUMBER) return Answer.BAD_TOKEN
  if (letter === TOUCH) {
    request.expiry = seconds
    if ((request.traits & Trait.RECACHE) === 0) request.traits |= Trait.TOUCH_FIRST
    if ((request.traits & Trait.VIVIFY) !== 0) request.traits |= Trait.TOUCH_LAST
  } else if (letter === VIVIFY) {
    request.vivifyExpiry = seconds
  } else {
    request.recacheExpiry = seconds
  }
  return Answer.NONE
}

function setNumber({ high, low }: Halves, letter: number, request: Request): Answer {
  switch (letter) {
    case NAMED_CAS:
      request.casHigh = high
      request.casLow = low
      break
    case OWN_CAS:
      request.ownCasHigh = high
      request.ownCasLow = low
      break
    case DELTA:
      request.deltaHigh = high
      request.deltaLow = low
      break
    case INITIAL:
      request.initialHigh = high
      request.initialLow = low
      break
    default:
      request.clientFlags = low
  }
  return Answer.NONE
}

const code = (letter: string): number => letter.charCodeAt(0)

const QUIET = code('q')
const BASE64 = code('b')
const OPAQUE = code('O')
const TOUCH = code('T')
const VIVIFY = code('N')
const NAMED_CAS = code('C')
const OWN_CAS = code('E')
const DELTA = code('D')
const INITIAL = code('J')

/** The error for an argument that is not a number, by the flag's letter. */
const BAD_NUMBERS: Readonly<Record<number, Answer>> = {
  [NAMED_CAS]: Answer.BAD_TOKEN,
  [OWN_CAS]: Answer.BAD_TOKEN,
  [DELTA]: Answer.BAD_META_DELTA,
  [INITIAL]: Answer.BAD_INITIAL,
  [code('F')]: Answer.BAD_FORMAT,
}
