/** Values that say whose they are: each carries its key and a counter, and is exactly as long as the counter says. */
export type MarkedValue =
  | string
  | Buffer
  | { readonly key: string; readonly counter: number; readonly rest: string }

/** Text, bytes and objects by turns; one in 97 is longer than one read of a socket. */
export function markedValue(key: string, counter: number): MarkedValue {
  const rest = 'x'.repeat(counter % 97 === 0 ? LONG_LENGTH : (counter * 37) % 200)
  const text = `${key}:${counter}:${rest}`
  switch (counter % 3) {
    case 0:
      return text
    case 1:
      return Buffer.from(text)
    default:
      return { key, counter, rest }
  }
}

/** The counter of a value of this key; -1 if it is not to the byte one of them. */
export function counterIn(value: unknown, key: string): number {
  const text = Buffer.isBuffer(value) ? value.toString('latin1') : value
  const counter =
    typeof text === 'string' ? Number(text.split(':')[1]) : (value as { counter?: unknown })?.counter
  if (!Number.isInteger(counter)) return -1
  return isSame(markedValue(key, counter as number), value) ? (counter as number) : -1
}

function isSame(expected: MarkedValue, value: unknown): boolean {
  if (Buffer.isBuffer(expected)) return Buffer.isBuffer(value) && expected.equals(value)
  if (typeof expected === 'string') return expected === value
  return !Buffer.isBuffer(value) && JSON.stringify(expected) === JSON.stringify(value)
}

const LONG_LENGTH = 100_000
