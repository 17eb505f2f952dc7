import { KEY_LENGTH_MAX, READ_LENGTH } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import { NO_NUMBER, number, readSigned, readUnsigned } from '../numbers.js'
import { NEED_MORE } from '../protocol.js'
import { Words } from '../tokens.js'
import { Answer } from './answers.js'
import { answerWith } from './refuse.js'
import { Shape, VERBS } from './verbs.js'

/** memcached's bound for the length of a value, which is two bytes below that of its integers. */
const VALUE_LENGTH_MAX = 0x7fff_ffff - 2

/** The two bytes behind a value. */
export const VALUE_END_LENGTH = 2

/** Behind the verb; one record serves all lines. */
const words = new Words()

const KEY = 0
const CLIENT_FLAGS = 1
const EXPIRY = 2
const LENGTH = 3
const CAS = 4

/** A line with a value behind it. Where the line is wrong but tells the value's length, the value is passed over. */
export function decodeValue(
  bytes: Uint8Array,
  start: number,
  verbEnd: number,
  lineEnd: number,
  next: number,
  end: number,
  request: Request,
): number {
  words.split(bytes, verbEnd, lineEnd)
  const hasCas = VERBS[request.opcode]!.shape === Shape.VALUE_WITH_CAS
  const wanted = hasCas ? CAS + 1 : LENGTH + 1
  const isCasMissing = hasCas && words.count === CAS
  if (words.count !== wanted && words.count !== wanted + 1 && !isCasMissing) {
    return answerWith(request, Answer.ERROR, next)
  }
  request.isQuiet = words.is(bytes, words.count - 1, 'noreply')
  const { starts, ends } = words
  const length = readValueLength(bytes, starts[LENGTH]!, ends[LENGTH]!)
  if (length < 0) return answerWith(request, Answer.BAD_FORMAT, next)
  const expiry = readSigned(bytes, starts[EXPIRY]!, ends[EXPIRY]!)
  const isGood =
    !isCasMissing &&
    words.lengthOf(KEY) <= KEY_LENGTH_MAX &&
    expiry !== NO_NUMBER &&
    readUnsigned(bytes, starts[CLIENT_FLAGS]!, ends[CLIENT_FLAGS]!)
  if (!isGood) return answerWith(request, Answer.BAD_FORMAT, next + length + VALUE_END_LENGTH)
  request.clientFlags = number.low
  request.expiry = expiry
  request.keyStart = starts[KEY]!
  request.keyEnd = ends[KEY]!
  if (hasCas) {
    if (!readUnsigned(bytes, starts[CAS]!, ends[CAS]!)) {
      return answerWith(request, Answer.BAD_FORMAT, next + length + VALUE_END_LENGTH)
    }
    request.casHigh = number.high
    request.casLow = number.low
    request.traits = Trait.NAMES_CAS | Trait.KEEP
  }
  return placeValue(bytes, start, next, end, length, request)
}

/** The length of a value, or -1. */
export function readValueLength(bytes: Uint8Array, start: number, end: number): number {
  const isGood = readUnsigned(bytes, start, end) && number.high === 0
  return isGood && number.low >= 0 && number.low <= VALUE_LENGTH_MAX ? number.low : -1
}

/**
 * Finds the value behind its line. Returns where the next line begins, which may lie behind `end`, or NEED_MORE when
 * the rest of the value is worth waiting for.
 */
export function placeValue(
  bytes: Uint8Array,
  start: number,
  valueStart: number,
  end: number,
  length: number,
  request: Request,
): number {
  const valueEnd = valueStart + length
  const next = valueEnd + VALUE_END_LENGTH
  if (next > end && next - start <= READ_LENGTH) return NEED_MORE
  request.valueStart = valueStart
  request.valueEnd = valueEnd
  if (next <= end && !isValueEnd(bytes, valueEnd)) request.traits |= Trait.DAMAGED
  return next
}

/** What must stand behind a value does. */
export const isValueEnd = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED

const CARRIAGE_RETURN = 0x0d
const LINE_FEED = 0x0a
