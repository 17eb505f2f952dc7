/** Values that can be checked: every byte follows from the key, the length, the writer and the count of its writes. */
import { holdsTogether, wholeValue as toldValue } from '../store/workers-values.js'

/** Below this there is no room for the writer: such values follow from key and length alone. */
const TOLD_LENGTH_MIN = 64

export function wholeValue(key: string, writer: number, count: number, length: number): Buffer {
  if (length < TOLD_LENGTH_MIN) return Buffer.alloc(length, key)
  return toldValue(key, writer, count, length - TOLD_LENGTH_MIN)
}

export function isWhole(key: string, value: Buffer): boolean {
  if (value.length < TOLD_LENGTH_MIN && !value.includes(' '))
    return value.equals(Buffer.alloc(value.length, key))
  return holdsTogether(key, value)
}
