import { PART_LENGTH_MAX } from '../format/format.js'

/** The pieces of a long item's value. Their bytes must not change until `release`. */
export interface LinkedValue {
  readonly pieces: readonly Buffer[]
  release(): void
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
