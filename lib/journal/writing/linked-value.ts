import type { Arena } from '../../arena/arena.js'
import type { Items } from '../../store/items.js'
import type { Pins } from '../../store/segments/pins.js'
import { PART_LENGTH_MAX } from '../format/format.js'

/** The pieces of a long item's value. Their bytes must not change until `release`. */
export interface LinkedValue {
  readonly pieces: readonly Buffer[]
  release(): void
}

/** The part of a store that is needed to read a long value in place. */
export interface LinkedStore {
  readonly items: Pick<Items, 'eachPart'>
  readonly pins: Pick<Pins, 'pin' | 'unpin'>
}

/** The value of a long item. Until `release` it is pinned, so it does not move while it is written. */
export function linkedValueOf(item: number, arena: Arena, store: LinkedStore): LinkedValue {
  const { starts, pieces } = pinnedPieces(item, arena, store)
  return {
    pieces,
    release: () => {
      for (const start of starts) store.pins.unpin(start)
    },
  }
}

/** Pins all pieces of an item's value. `starts` is where each begins in the arena. */
export function pinnedPieces(
  item: number,
  arena: Arena,
  store: Pick<LinkedStore, 'items'> & { readonly pins: Pick<Pins, 'pin'> },
): { readonly starts: number[]; readonly pieces: Buffer[] } {
  const starts: number[] = []
  const pieces: Buffer[] = []
  store.items.eachPart(item, {
    add(start, length) {
      store.pins.pin(start)
      starts.push(start)
      pieces.push(arena.view(start, start + length))
    },
  })
  return { starts, pieces }
}

/** Removes the next part of a value from the front of its pieces. */
export function takePart(pieces: Buffer[]): Buffer[] {
  const part: Buffer[] = []
  for (let room = PART_LENGTH_MAX; room > 0 && pieces.length > 0; ) {
    const piece = pieces[0]!
    const taken = piece.subarray(0, room)
    part.push(taken)
    room -= taken.length
    if (taken.length === piece.length) pieces.shift()
    else pieces[0] = piece.subarray(taken.length)
  }
  return part
}
