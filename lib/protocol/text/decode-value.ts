import * as ascii from '../../arena/ascii.js'
import { KEY_LENGTH_MAX, READ_LENGTH } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import type { Line } from '../line.js'
import { NO_NUMBER } from '../numbers.js'
import { NEED_MORE } from '../protocol.js'

import { Answer, answerWith } from './answers.js'
import { Shape, VERBS } from './verbs.js'

const { CARRIAGE_RETURN, LINE_FEED } = ascii

/** memcached's limit for the length of a value, which is two bytes below that of its integers. */
const VALUE_LENGTH_MAX = 0x7fff_ffff - 2

/** The two bytes after a value. */
export const VALUE_END_LENGTH = 2

/** The words after the verb. */
const KEY = 0
const CLIENT_FLAGS = 1
const EXPIRY = 2
const LENGTH = 3
const CAS = 4

/** A line that a value follows. If the line is wrong but has the value's length, the value is skipped. */
export function decodeValue(line: Line, request: Request): number {
  line.split()
  const { count } = line
  const hasCas = VERBS[request.opcode]!.shape === Shape.VALUE_WITH_CAS
  const wanted = hasCas ? CAS + 1 : LENGTH + 1
  const isCasMissing = hasCas && count === CAS
  if (count !== wanted && count !== wanted + 1 && !isCasMissing) {
    return answerWith(request, Answer.ERROR, line.next)
  }
  request.isQuiet = line.is(count - 1, 'noreply')
  line.select(LENGTH)
  const length = readValueLength(line)
  if (length < 0) return answerWith(request, Answer.BAD_FORMAT, line.next)
  if (isCasMissing || !readTerms(line, request) || (hasCas && !readCas(line, request)))
    return answerWith(request, Answer.BAD_FORMAT, line.next + length + VALUE_END_LENGTH)
  return placeValue(line, length, request)
}

/** Reads key, flags and expiry. False if one of them is wrong. */
function readTerms(line: Line, request: Request): boolean {
  line.select(EXPIRY)
  const expiry = line.readSigned()
  if (expiry === NO_NUMBER) return false
  line.select(CLIENT_FLAGS)
  if (!line.readUnsigned()) return false
  request.expiry = expiry
  request.clientFlags = line.number.low
  return readKey(line, KEY, request)
}

function readCas(line: Line, request: Request): boolean {
  line.select(CAS)
  if (!line.readUnsigned()) return false
  request.casHigh = line.number.high
  request.casLow = line.number.low
  request.traits = Trait.NAMES_CAS | Trait.KEEP
  return true
}

/** Makes a word that `split` found the request's key. False if it is too long. */
export function readKey(line: Line, index: number, request: Request): boolean {
  line.select(index)
  request.keyStart = line.wordStart
  request.keyEnd = line.wordEnd
  return line.wordLength <= KEY_LENGTH_MAX
}

/** Reads the word as the length of a value; -1 if it is not one. */
export function readValueLength(line: Line): number {
  const { number } = line
  const isGood = line.readUnsigned() && number.high === 0
  return isGood && number.low >= 0 && number.low <= VALUE_LENGTH_MAX ? number.low : -1
}

/**
 * Finds the value after its line. Returns where the next line begins, which may lie behind the received bytes, or
 * NEED_MORE if the connection should wait for the rest of the value.
 */
export function placeValue(line: Line, length: number, request: Request): number {
  const valueEnd = line.next + length
  const next = valueEnd + VALUE_END_LENGTH
  if (next > line.bytesEnd && next - line.start <= READ_LENGTH) return NEED_MORE
  request.valueStart = line.next
  request.valueEnd = valueEnd
  if (next <= line.bytesEnd && !isValueEnd(line.bytes, valueEnd)) request.traits |= Trait.DAMAGED
  return next
}

/** Whether these are the two bytes that end a value. */
export const isValueEnd = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED
