import * as ascii from '../arena/ascii.js'
import { Halves, readDecimal } from '../arena/decimal.js'

const { SPACE } = ascii

/**
 * Numbers of the text protocols, read as by the C functions that memcached uses: a plus or a minus may precede
 * the digits, and white space other than the space ends them.
 */

/** Up to this many digits the fast path is exact. */
const PLAIN_DIGITS_MAX = 9

/** Reads an unsigned 64-bit number into `number`. False if there is none. */
export function readUnsigned(bytes: Uint8Array, start: number, end: number, number: Halves): boolean {
  const plain = readPlain(bytes, start, end)
  if (plain >= 0) {
    number.high = 0
    number.low = plain
    return true
  }
  const first = skipWhiteSpace(bytes, start, end)
  return readDecimal(
    bytes,
    bytes[first] === PLUS ? first + 1 : first,
    findWhiteSpace(bytes, first, end),
    number,
  )
}

/** A signed 32-bit number, or NO_NUMBER. A longer one is reduced to its lower 32 bits if it fits into 64. */
export function readSigned(bytes: Uint8Array, start: number, end: number): number {
  const plain = readPlain(bytes, start, end)
  if (plain >= 0) return plain
  const first = skipWhiteSpace(bytes, start, end)
  const sign = bytes[first]
  const digits = sign === MINUS || sign === PLUS ? first + 1 : first
  if (!readDecimal(bytes, digits, findWhiteSpace(bytes, first, end), LONG)) return NO_NUMBER
  // Beyond 63 bits; -2^63 is the last number that is not.
  if (LONG.high < 0 && (sign !== MINUS || LONG.high !== LEAST_HIGH || LONG.low !== 0)) return NO_NUMBER
  return sign === MINUS ? -LONG.low | 0 : LONG.low
}

const LONG = new Halves()
/** The upper half of -2^63, which has the same bits as 2^63. */
const LEAST_HIGH = -0x8000_0000

/** A value that is not a 32-bit number. */
export const NO_NUMBER = 0x1_0000_0000

/** One to nine digits and nothing else, or -1. */
function readPlain(bytes: Uint8Array, start: number, end: number): number {
  if (start === end || end - start > PLAIN_DIGITS_MAX) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function skipWhiteSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isWhiteSpace(bytes[at]!)) at++
  return at
}

function findWhiteSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && !isWhiteSpace(bytes[at]!)) at++
  return at
}

const isWhiteSpace = (byte: number): boolean => byte === SPACE || (byte >= 0x09 && byte <= 0x0d)

const PLUS = 0x2b
const MINUS = 0x2d
const ZERO = 0x30
