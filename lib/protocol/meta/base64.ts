/**
 * Base64 as memcached reads it: other characters are ignored, and the rest must have a length divisible by four. For
 * keys only, which are decoded in place.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PAD = 0x3d
const NO_DIGIT = 0xff

const DIGITS = new Uint8Array(256).fill(NO_DIGIT)
for (let value = 0; value < ALPHABET.length; value++) DIGITS[ALPHABET.charCodeAt(value)] = value
DIGITS[PAD] = 0

const CHARACTERS = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0))

/** The decoded length of the text; 0 if it is not base64. */
export function decodedLength(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  let pads = 0
  let isOver = false
  let length = 0
  for (let at = start; at < end; at++) {
    if (DIGITS[bytes[at]!] === NO_DIGIT) continue
    count++
    if (isOver) continue
    if (bytes[at] === PAD) pads++
    if (count % 4 !== 0) continue
    length += 3 - pads
    isOver = pads > 0
  }
  return count === 0 || count % 4 !== 0 || pads > 2 ? 0 : length
}

/** Decodes text that `decodedLength` has accepted, and overwrites its beginning. */
export function decodeInPlace(bytes: Uint8Array, start: number, end: number, length: number): void {
  let target = start
  let count = 0
  let bits = 0
  for (let at = start; at < end && target < start + length; at++) {
    const digit = DIGITS[bytes[at]!]!
    if (digit === NO_DIGIT) continue
    bits = (bits << 6) | digit
    if (++count % 4 !== 0) continue
    bytes[target] = bits >>> 16
    if (target + 1 < start + length) bytes[target + 1] = bits >>> 8
    if (target + 2 < start + length) bytes[target + 2] = bits
    target += 3
    bits = 0
  }
}

/** Writes `length` bytes as base64, and returns where the text ends. */
export function writeBase64(bytes: Uint8Array, at: number, start: number, length: number): number {
  let target = at
  for (let index = 0; index < length; index += 3) {
    const left = length - index
    const first = bytes[start + index]!
    const second = left > 1 ? bytes[start + index + 1]! : 0
    const third = left > 2 ? bytes[start + index + 2]! : 0
    bytes[target] = CHARACTERS[first >>> 2]!
    bytes[target + 1] = CHARACTERS[((first & 3) << 4) | (second >>> 4)]!
    bytes[target + 2] = left > 1 ? CHARACTERS[((second & 15) << 2) | (third >>> 6)]! : PAD
    bytes[target + 3] = left > 2 ? CHARACTERS[third & 63]! : PAD
    target += 4
  }
  return target
}
