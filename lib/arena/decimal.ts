/** An unsigned 64-bit number in two signed 32-bit halves: such halves are never put on the heap. */
export class Halves {
  high = 0
  low = 0

  set(value: number): void {
    this.high = Math.floor(value / WORD) | 0
    this.low = value | 0
  }
}

/** The number of a pair of halves; exact below 2^53. */
export const fromHalves = (high: number, low: number): number => (high >>> 0) * WORD + (low >>> 0)

/** A number up to this many digits is exact. */
const EXACT_DIGITS = 15
const DIGITS_MAX = 20
const WORD = 0x1_0000_0000
const ZERO = 0x30

/** Reads decimal digits as an unsigned 64-bit number. False for no digits, other characters, or more than 64 bits. */
export function readDecimal(bytes: Uint8Array, start: number, end: number, result: Halves): boolean {
  let first = start
  while (first < end - 1 && bytes[first] === ZERO) first++
  if (first >= end || end - first > DIGITS_MAX) return false
  let value = 0
  const exactEnd = Math.min(end, first + EXACT_DIGITS)
  for (let at = first; at < exactEnd; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return false
    value = value * 10 + digit
  }
  if (exactEnd === end) {
    result.set(value)
    return true
  }
  let exact = BigInt(value)
  for (let at = exactEnd; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return false
    exact = exact * 10n + BigInt(digit)
  }
  if (exact >> 64n !== 0n) return false
  result.high = Number(BigInt.asIntN(32, exact >> 32n))
  result.low = Number(BigInt.asIntN(32, exact))
  return true
}

/** How many decimal digits a 64-bit number has. */
export function digitCount(high: number, low: number): number {
  if (!isExact(high)) return exactDigits(high, low).length
  const value = fromHalves(high, low)
  let count = 1
  for (let power = 10; power <= value; power *= 10) count++
  return count
}

/** Writes the digits of a 64-bit number and returns how many there are. */
export function writeDecimal(bytes: Uint8Array, at: number, high: number, low: number): number {
  const count = digitCount(high, low)
  if (!isExact(high)) {
    const digits = exactDigits(high, low)
    for (let index = 0; index < count; index++) bytes[at + index] = digits.charCodeAt(index)
    return count
  }
  let value = fromHalves(high, low)
  for (let index = count - 1; index >= 0; index--) {
    const rest = Math.floor(value / 10)
    bytes[at + index] = ZERO + (value - rest * 10)
    value = rest
  }
  return count
}

/** Below 2^53 a plain number is exact. */
const isExact = (high: number): boolean => high >>> 0 < 0x20_0000

const exactDigits = (high: number, low: number): string =>
  ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString()
