/**
 * MD5 of short strings, for ketama. It protects nothing.
 *
 * Written by hand because a key is hashed for every call: a key of up to 55 bytes takes 0.35 µs, where
 * `crypto.createHash` takes 2.2 and allocates (scripts/bench/selectors.ts). It also works where FIPS mode forbids MD5.
 *
 *     message  ┌──────────────┬──────┬───────────┬────────────────────┐
 *              │ bytes        │ 0x80 │ zeros     │ bit count, 8 bytes │   padded to whole blocks of 64 bytes
 *              └──────────────┴──────┴───────────┴────────────────────┘
 */
import { KeyBytes } from './key-bytes.js'

const BLOCK_LENGTH = 64
/** The end mark and the bit count. */
const PADDING_LENGTH_MIN = 9

/** The state after each block; after the last one the digest, four little-endian words. */
const digest = new Int32Array(4)
/** The words of one block. */
const block = new Int32Array(BLOCK_LENGTH / 4)
const message = new KeyBytes()

const SINES = Int32Array.from({ length: 64 }, (_, step) =>
  Math.floor(Math.abs(Math.sin(step + 1)) * 0x1_0000_0000),
)

/** Returns the four words of the digest. The next call overwrites them. */
export function md5(text: string | Uint8Array): Int32Array {
  const length = message.write(text, PADDING_LENGTH_MIN + BLOCK_LENGTH)
  const bytes = message.bytes
  const paddedLength = (length + PADDING_LENGTH_MIN + BLOCK_LENGTH - 1) & -BLOCK_LENGTH
  bytes[length] = 0x80
  bytes.fill(0, length + 1, paddedLength)
  writeWord(bytes, paddedLength - 8, length << 3)
  writeWord(bytes, paddedLength - 4, length >>> 29)
  digest[0] = 0x67452301
  digest[1] = 0xefcdab89
  digest[2] = 0x98badcfe
  digest[3] = 0x10325476
  for (let start = 0; start < paddedLength; start += BLOCK_LENGTH) digestBlock(bytes, start)
  return digest
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = word >>> (8 * index)
}

/** Four rounds of 16 steps; each line of a loop is a step, so that no step has to move the four words around. */
function digestBlock(bytes: Uint8Array, start: number): void {
  const words = block
  const sines = SINES
  for (let word = 0, at = start; word < 16; word++, at += 4)
    words[word] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  let a = digest[0]!
  let b = digest[1]!
  let c = digest[2]!
  let d = digest[3]!
  for (let step = 0; step < 16; step += 4) {
    a = (b + rotate(a + (d ^ (b & (c ^ d))) + words[step]! + sines[step]!, 7)) | 0
    d = (a + rotate(d + (c ^ (a & (b ^ c))) + words[step + 1]! + sines[step + 1]!, 12)) | 0
    c = (d + rotate(c + (b ^ (d & (a ^ b))) + words[step + 2]! + sines[step + 2]!, 17)) | 0
    b = (c + rotate(b + (a ^ (c & (d ^ a))) + words[step + 3]! + sines[step + 3]!, 22)) | 0
  }
  for (let step = 16, word = 1; step < 32; step += 4, word += 20) {
    a = (b + rotate(a + (c ^ (d & (b ^ c))) + words[word & 15]! + sines[step]!, 5)) | 0
    d = (a + rotate(d + (b ^ (c & (a ^ b))) + words[(word + 5) & 15]! + sines[step + 1]!, 9)) | 0
    c = (d + rotate(c + (a ^ (b & (d ^ a))) + words[(word + 10) & 15]! + sines[step + 2]!, 14)) | 0
    b = (c + rotate(b + (d ^ (a & (c ^ d))) + words[(word + 15) & 15]! + sines[step + 3]!, 20)) | 0
  }
  for (let step = 32, word = 5; step < 48; step += 4, word += 12) {
    a = (b + rotate(a + (b ^ c ^ d) + words[word & 15]! + sines[step]!, 4)) | 0
    d = (a + rotate(d + (a ^ b ^ c) + words[(word + 3) & 15]! + sines[step + 1]!, 11)) | 0
    c = (d + rotate(c + (d ^ a ^ b) + words[(word + 6) & 15]! + sines[step + 2]!, 16)) | 0
    b = (c + rotate(b + (c ^ d ^ a) + words[(word + 9) & 15]! + sines[step + 3]!, 23)) | 0
  }
  for (let step = 48, word = 0; step < 64; step += 4, word += 28) {
    a = (b + rotate(a + (c ^ (b | ~d)) + words[word & 15]! + sines[step]!, 6)) | 0
    d = (a + rotate(d + (b ^ (a | ~c)) + words[(word + 7) & 15]! + sines[step + 1]!, 10)) | 0
    c = (d + rotate(c + (a ^ (d | ~b)) + words[(word + 14) & 15]! + sines[step + 2]!, 15)) | 0
    b = (c + rotate(b + (d ^ (c | ~a)) + words[(word + 21) & 15]! + sines[step + 3]!, 21)) | 0
  }
  digest[0] = digest[0]! + a
  digest[1] = digest[1]! + b
  digest[2] = digest[2]! + c
  digest[3] = digest[3]! + d
}

const rotate = (word: number, count: number): number => (word << count) | (word >>> (32 - count))
