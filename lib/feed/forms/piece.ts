import type { EventBuffer } from './event-buffer.js'

/**
 * Bytes that are written often, at any place. Most of them are written four at a time, as words that are prepared for each
 * remainder of the place; that takes a third of the time of a loop over bytes (scripts/bench/feed.ts).
 *
 *     place 5:   ┌────┬──┬──┬──┬──────────┬──────────┬──────────┐
 *                │    │ { │ " │ k │ i n d " │ : " s e │ t " · · │      up to three bytes, then words, of which the last
 *                └────┴──┴──┴──┴──────────┴──────────┴──────────┘      may reach behind the piece
 */
export class Piece {
  readonly length: number
  private readonly bytes: Uint8Array
  /** By remainder of the place. */
  private readonly wordsAt: readonly Int32Array[]

  constructor(text: string) {
    const bytes = Buffer.from(text)
    this.bytes = Uint8Array.from(bytes)
    this.length = bytes.length
    this.wordsAt = [0, 1, 2, 3].map((remainder) => wordsOf(bytes.subarray(leadOf(remainder))))
  }

  /** Returns the end. Up to three bytes behind it may be changed. */
  write({ bytes, words }: EventBuffer, start: number): number {
    const own = this.wordsAt[start & 3]!
    const lead = leadOf(start)
    for (let index = 0; index < lead; index++) bytes[start + index] = this.bytes[index]!
    const first = (start + lead) >>> 2
    for (let index = 0; index < own.length; index++) words[first + index] = own[index]!
    return start + this.length
  }
}

/** Bytes before the next word. */
const leadOf = (place: number): number => -place & 3

function wordsOf(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(Math.ceil(bytes.length / 4))
  new Uint8Array(words.buffer).set(bytes)
  return words
}
