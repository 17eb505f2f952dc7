/** Random numbers that can be repeated: a seed makes the whole sequence. */
export class Random {
  readonly seed: number
  private state: number

  constructor(seed = seedOfThisRun()) {
    this.seed = seed
    this.state = seed
  }

  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * end)
  }

  chance(share: number): boolean {
    return this.below(1_000_000) < share * 1_000_000
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!
  }

  /** `length` bytes that differ from call to call, and are cheap to make. */
  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length, this.below(256))
    for (let at = 0; at < length; at += 61) bytes[at] = this.below(256)
    return bytes
  }
}

/** `SEED=123 npm test` repeats a run. */
function seedOfThisRun(): number {
  const given = process.env['SEED']
  return given === undefined ? Math.floor(Math.random() * 0x7fff_ffff) : Number(given)
}
