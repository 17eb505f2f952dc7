import { isWord } from '../tokens.js'
import { VERBS } from './verbs.js'

/**
 * The row of a verb, or -1. Its length and its first two letters select the place of its row in a small table, which
 * is large enough that no two verbs collide. A new verb that collides is an error at start.
 */
export function findVerb(bytes: Uint8Array, start: number, end: number): number {
  const row = ROWS[slotOf(end - start, bytes[start]!, bytes[start + 1]!)]!
  return row >= 0 && isWord(bytes, start, end, VERBS[row]!.name) ? row : -1
}

const SLOT_COUNT = 256

const slotOf = (length: number, first: number, second: number): number =>
  (length + first * 3 + second * 8) & (SLOT_COUNT - 1)

const ROWS = new Int8Array(SLOT_COUNT).fill(-1)

for (const [row, { name }] of VERBS.entries()) {
  const slot = slotOf(name.length, name.charCodeAt(0), name.charCodeAt(1))
  if (ROWS[slot] !== -1) throw new Error(`two verbs in one slot: ${VERBS[ROWS[slot]!]!.name} and ${name}`)
  ROWS[slot] = row
}
