import type { Arena } from '../../arena/arena.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import { BODY_LENGTH, EXTRAS_LENGTH, HEADER_LENGTH, KEY_LENGTH } from './header.js'

/** Lists the keys of the requests in a range, as start and length, until `keys` is full. Returns how many words it has filled. */
export function listKeys({ bytes }: Arena, start: number, end: number, keys: Int32Array): number {
  let filled = 0
  let cursor = start
  while (filled < keys.length && cursor + HEADER_LENGTH <= end) {
    const keyStart = cursor + HEADER_LENGTH + bytes[cursor + EXTRAS_LENGTH]!
    const keyLength = bytes.readUInt16BE(cursor + KEY_LENGTH)
    if (keyLength > KEY_LENGTH_MAX || keyStart + keyLength > end) break
    if (keyLength > 0) {
      keys[filled++] = keyStart
      keys[filled++] = keyLength
    }
    cursor += HEADER_LENGTH + bytes.readUInt32BE(cursor + BODY_LENGTH)
  }
  return filled
}
