import { PART_LENGTH_MAX } from '../format/format.js'

/** Where the value of a long item lies. Its bytes have to stay as they are until `release`. */
export interface LinkedValue {
  readonly pieces: readonly Buffer[]
  release(): void
}

/** Takes the next part of a value off its pieces. */
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
