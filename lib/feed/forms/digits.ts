/** Numbers in decimal, each one like the one before: most of its digits are still known, and are written at once, as a double. */
export class Digits {
  /** The number whose digits are known. */
  private known = -1
  private readonly text = new DataView(new ArrayBuffer(8))
  private double = 0
  private length = 0

  /** A number that is often the same. Returns the end; up to seven bytes behind it may be changed, in all methods. */
  write(view: DataView, start: number, value: number): number {
    if (value !== this.known) {
      if (value >= SHORT_END) return writeNumber(view, start, value)
      this.know(value)
    }
    view.setFloat64(start, this.double, true)
    return start + this.length
  }

  /** A number that counts up: the last four digits change. */
  writeCount(view: DataView, start: number, value: number): number {
    let low = value - this.known * LOW_END
    if (!(low >= 0 && low < LOW_END)) {
      if (value < LOW_END || value >= LOW_END * SHORT_END) return writeNumber(view, start, value)
      this.know(Math.floor(value / LOW_END))
      low = value - this.known * LOW_END
    }
    view.setFloat64(start, this.double, true)
    return writeShort(view, start + this.length, low, 4)
  }

  private know(value: number): void {
    this.known = value
    this.length = writeNumber(this.text, 0, value)
    this.double = this.text.getFloat64(0, true)
  }
}

/** A whole number below 2^53. Returns the end. */
export function writeNumber(view: DataView, start: number, value: number): number {
  if (value < SHORT_END) return writeShort(view, start, value, digitCount(value))
  const high = Math.floor(value / SHORT_END)
  return writeShort(view, writeNumber(view, start, high), value - high * SHORT_END, 8)
}

/** With so many digits, from the last to the first, two at a time. */
function writeShort(view: DataView, start: number, value: number, count: number): number {
  let at = start + count
  let rest = value | 0
  while (at - start >= 2) {
    const next = (rest / 100) | 0
    at -= 2
    view.setUint16(at, PAIRS[rest - next * 100]!, true)
    rest = next
  }
  if (at > start) view.setUint8(start, ZERO + rest)
  return start + count
}

function digitCount(value: number): number {
  let count = 1
  for (let power = 10; power <= value; power *= 10) count++
  return count
}

const ZERO = 0x30
/** Two digits each. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, pair) => ZERO + Math.floor(pair / 10) + ((ZERO + (pair % 10)) << 8),
)
const LOW_END = 1e4
const SHORT_END = 1e8
