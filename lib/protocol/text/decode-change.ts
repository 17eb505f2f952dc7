import type { Request } from '../../request/request.js'
import type { Line } from '../line.js'
import { NO_NUMBER } from '../numbers.js'
import { Answer, answerWith } from './answers.js'
import { readKey } from './decode-value.js'

/** The words after the verb. */
const KEY = 0
const ARGUMENT = 1

/** `delete key`, optionally with a zero: in early versions, the time for which the key was blocked. */
export function decodeDelete(line: Line, request: Request): number {
  line.split()
  const { count } = line
  if (count < 1 || count > 3) return answerWith(request, Answer.ERROR, line.next)
  if (count > 1) {
    const isTimeZero = line.is(ARGUMENT, '0')
    request.isQuiet = line.is(count - 1, 'noreply')
    const isGood = count === 2 ? isTimeZero || request.isQuiet : isTimeZero && request.isQuiet
    if (!isGood) return answerWith(request, Answer.DELETE_USAGE, line.next)
  }
  return readKey(line, KEY, request) ? line.next : answerWith(request, Answer.BAD_FORMAT, line.next)
}

/** `flush_prefix prefix` */
export function decodePrefix(line: Line, request: Request): number {
  line.split()
  const { count } = line
  request.isQuiet = count > 1 && line.is(count - 1, 'noreply')
  if (count !== (request.isQuiet ? 2 : 1)) return answerWith(request, Answer.ERROR, line.next)
  return readKey(line, KEY, request) ? line.next : answerWith(request, Answer.BAD_FORMAT, line.next)
}

/** `incr key delta`, `decr key delta` */
export function decodeCount(line: Line, request: Request): number {
  const refusal = readKeyAndArgument(line, request)
  if (refusal !== Answer.NONE) return answerWith(request, refusal, line.next)
  if (!line.readUnsigned()) return answerWith(request, Answer.BAD_DELTA, line.next)
  request.deltaHigh = line.number.high
  request.deltaLow = line.number.low
  request.createsCounter = false
  return line.next
}

/** `touch key expiry` */
export function decodeTouch(line: Line, request: Request): number {
  const refusal = readKeyAndArgument(line, request)
  if (refusal !== Answer.NONE) return answerWith(request, refusal, line.next)
  const expiry = line.readSigned()
  if (expiry === NO_NUMBER) return answerWith(request, Answer.BAD_EXPIRY, line.next)
  request.expiry = expiry
  return line.next
}

/** Reads the key, and selects the argument. Returns the error of the line so far, or NONE. */
function readKeyAndArgument(line: Line, request: Request): Answer {
  line.split()
  if (line.count < 2 || line.count > 3) return Answer.ERROR
  request.isQuiet = line.is(line.count - 1, 'noreply')
  if (!readKey(line, KEY, request)) return Answer.BAD_FORMAT
  line.select(ARGUMENT)
  return Answer.NONE
}
