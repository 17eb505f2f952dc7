import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { NO_NUMBER, number, readSigned, readUnsigned } from '../numbers.js'
import { Words } from '../tokens.js'
import { Answer } from './answers.js'
import { answerWith } from './refuse.js'

/** Behind the verb; one record serves all lines. */
const words = new Words()

const KEY = 0
const ARGUMENT = 1

/** `delete key`, where a zero may follow: the time for which the key was to be kept from others, long ago. */
export function decodeDelete(
  bytes: Uint8Array,
  verbEnd: number,
  lineEnd: number,
  next: number,
  request: Request,
): number {
  words.split(bytes, verbEnd, lineEnd)
  const { count } = words
  if (count < 1 || count > 3) return answerWith(request, Answer.ERROR, next)
  if (count > 1) {
    const isTimeZero = words.is(bytes, ARGUMENT, '0')
    request.isQuiet = words.is(bytes, count - 1, 'noreply')
    const isGood = count === 2 ? isTimeZero || request.isQuiet : isTimeZero && request.isQuiet
    if (!isGood) return answerWith(request, Answer.DELETE_USAGE, next)
  }
  return takeKey(request, next)
}

/** `incr key delta`, `decr key delta` */
export function decodeCount(
  bytes: Uint8Array,
  verbEnd: number,
  lineEnd: number,
  next: number,
  request: Request,
): number {
  const refusal = splitKeyAndArgument(bytes, verbEnd, lineEnd, request)
  if (refusal !== Answer.NONE) return answerWith(request, refusal, next)
  if (!readUnsigned(bytes, words.starts[ARGUMENT]!, words.ends[ARGUMENT]!)) {
    return answerWith(request, Answer.BAD_DELTA, next)
  }
  request.deltaHigh = number.high
  request.deltaLow = number.low
  request.createsCounter = false
  return takeKey(request, next)
}

/** `touch key expiry` */
export function decodeTouch(
  bytes: Uint8Array,
  verbEnd: number,
  lineEnd: number,
  next: number,
  request: Request,
): number {
  const refusal = splitKeyAndArgument(bytes, verbEnd, lineEnd, request)
  if (refusal !== Answer.NONE) return answerWith(request, refusal, next)
  const expiry = readSigned(bytes, words.starts[ARGUMENT]!, words.ends[ARGUMENT]!)
  if (expiry === NO_NUMBER) return answerWith(request, Answer.BAD_EXPIRY, next)
  request.expiry = expiry
  return takeKey(request, next)
}

/** Returns what is wrong with the line as far as its key, or NONE. */
function splitKeyAndArgument(bytes: Uint8Array, verbEnd: number, lineEnd: number, request: Request): Answer {
  words.split(bytes, verbEnd, lineEnd)
  if (words.count < 2 || words.count > 3) return Answer.ERROR
  request.isQuiet = words.is(bytes, words.count - 1, 'noreply')
  return words.lengthOf(KEY) > KEY_LENGTH_MAX ? Answer.BAD_FORMAT : Answer.NONE
}

function takeKey(request: Request, next: number): number {
  if (words.lengthOf(KEY) > KEY_LENGTH_MAX) return answerWith(request, Answer.BAD_FORMAT, next)
  request.keyStart = words.starts[KEY]!
  request.keyEnd = words.ends[KEY]!
  return next
}
