/**
 * Bytes that are written often, at any place: eight at a time, as doubles, which takes a fraction of the time of a loop over bytes
 * (scripts/bench/feed.ts). All are ASCII, so no double is NaN, whose bits might change.
 */
export class Piece {
  readonly length: number
  private readonly doubles: Float64Array

  constructor(text: string) {
    const bytes = Buffer.from(text)
    this.length = bytes.length
    const padded = Buffer.alloc(Math.ceil(bytes.length / DOUBLE_LENGTH) * DOUBLE_LENGTH, bytes)
    padded.fill(0, bytes.length)
    this.doubles = Float64Array.from({ length: padded.length / DOUBLE_LENGTH }, (_, index) =>
      padded.readDoubleLE(index * DOUBLE_LENGTH),
    )
  }

  /** Returns the end. Up to seven bytes behind it may be changed. */
  write(view: DataView, start: number): number {
    const { doubles } = this
    for (let index = 0; index < doubles.length; index++)
      view.setFloat64(start + index * DOUBLE_LENGTH, doubles[index]!, true)
    return start + this.length
  }
}

const DOUBLE_LENGTH = 8
