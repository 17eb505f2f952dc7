import * as ascii from '../arena/ascii.js'
import { digitCount, writeDecimal } from '../arena/decimal.js'

const { CARRIAGE_RETURN, LINE_FEED } = ascii

/** Writes a constant text, which is ASCII, and returns where it ends. */
export function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** Writes the digits of an unsigned 32-bit number, given as a signed one, and returns where they end. */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < SMALL_MAX) {
    let end = at + 1
    for (let power = 10; power <= value; power *= 10) end++
    let rest = value
    for (let index = end - 1; index >= at; index--) {
      const quotient = (rest / 10) | 0
      bytes[index] = ZERO + (rest - quotient * 10)
      rest = quotient
    }
    return end
  }
  return at + writeDecimal(bytes, at, 0, value)
}

export function writeNumber64(bytes: Uint8Array, at: number, high: number, low: number): number {
  return at + writeDecimal(bytes, at, high, low)
}

/** The count of digits that `writeNumber64` writes. */
export const digitsOf = digitCount

/** Writes the four bytes of a number, the highest first. */
export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24
  bytes[at + 1] = word >>> 16
  bytes[at + 2] = word >>> 8
  bytes[at + 3] = word
}

export function writeLineEnd(bytes: Uint8Array, at: number): number {
  bytes[at] = CARRIAGE_RETURN
  bytes[at + 1] = LINE_FEED
  return at + LINE_END_LENGTH
}

export const LINE_END_LENGTH = 2
/** No number has more digits. */
export const NUMBER_LENGTH_MAX = 20

/** Below this the powers of ten stay within 32 bits. */
const SMALL_MAX = 100_000_000
const ZERO = 0x30
