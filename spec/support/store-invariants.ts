import {
  isDead,
  isLong,
  isPiece,
  keyLengthOf,
  MISSING,
  nextPieceOf,
  ownerOf,
  partLengthOf,
  sizeOf,
  valueLengthOf,
} from '../../lib/store/item/item.js'
import type { MemoryStore } from '../../lib/store/memory-store.js'
import { State } from '../../lib/store/segments/segments.js'

/**
 * What must be true of a store at any time between two requests. Throws at the first violation.
 * `reserved` are items that are being written and cannot be found yet.
 */
export function checkInvariants(
  words: Int32Array,
  store: MemoryStore,
  reserved: readonly number[] = [],
): void {
  const found = itemsOfIndex(words, store)
  const { reached, freeCount } = walkSegments(words, store)
  expectThat(freeCount === store.segments.freeCount, 'the pool holds as many segments as are free')
  expectThat(
    found.size === store.index.itemCount,
    `the index counts ${store.index.itemCount} items and holds ${found.size}`,
  )
  for (const item of found) expectThat(reached.has(item), 'a slot points to an item that no segment holds')
  const expected = new Set([...found, ...reserved].flatMap((item) => [item, ...piecesOf(words, item)]))
  for (const item of expected) expectThat(reached.has(item), 'a piece lies in no segment, or is dead')
  for (const item of reached) expectThat(expected.has(item), 'a live item is not in the index')
  for (const item of found) checkItem(words, item)
}

function itemsOfIndex(words: Int32Array, store: MemoryStore): Set<number> {
  const found = new Set<number>()
  for (let bucket = 0; bucket < store.index.bucketCount; bucket++) {
    store.index.chains.forEach(bucket, (item) => {
      expectThat(!found.has(item), 'two slots point to one item')
      expectThat(!isPiece(words, item), 'a slot points to a piece')
      expectThat(!isDead(words, item), 'a slot points to a dead item')
      found.add(item)
    })
  }
  return found
}

/** Everything that is not dead, in all segments. Also checks the sums of each segment. */
function walkSegments(words: Int32Array, store: MemoryStore): { reached: Set<number>; freeCount: number } {
  const { segments } = store
  const reached = new Set<number>()
  let freeCount = 0
  for (let segment = 0; segment < segments.count; segment++) {
    const state = segments.state(segment)
    if (state === State.FREE) freeCount++
    if (!segments.holdsItems(segment)) continue
    let live = 0
    let item = segments.firstWordOf(segment)
    const end = segments.endWordOf(segment)
    while (item < end) {
      const size = sizeOf(words, item)
      expectThat(size > 0 && item + size / 4 <= end, 'an item ends after its segment')
      if (!isDead(words, item)) {
        reached.add(item)
        live += size
      }
      item += size / 4
    }
    expectThat(
      live === segments.live(segment),
      `a segment counts ${segments.live(segment)} live bytes of ${live}`,
    )
  }
  return { reached, freeCount }
}

function checkItem(words: Int32Array, item: number): void {
  expectThat(keyLengthOf(words, item) > 0, 'an item has no key')
  if (!isLong(words, item)) return
  const parts = [item, ...piecesOf(words, item)]
  const length = parts.reduce((sum, part) => sum + partLengthOf(words, part), 0)
  expectThat(length === valueLengthOf(words, item), 'the pieces of a long value do not add up')
  for (const piece of parts.slice(1))
    expectThat(ownerOf(words, piece) === item, 'a piece belongs to another item')
}

function piecesOf(words: Int32Array, item: number): number[] {
  const pieces: number[] = []
  if (!isLong(words, item)) return pieces
  for (let piece = nextPieceOf(words, item); piece !== MISSING; piece = nextPieceOf(words, piece)) {
    pieces.push(piece)
  }
  return pieces
}

function expectThat(isTrue: boolean, sentence: string): void {
  if (!isTrue) throw new Error(`broken invariant: ${sentence}`)
}
