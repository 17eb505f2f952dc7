import { copyOfRange, isBytes, textBytes } from './plain-bytes.js'
import { unwritable } from './value-errors.js'
import type { EncodedValue, ValueFormat } from './value-format.js'

/** memjs stores text and bytes with the flags 0, and returns Buffers. */
export const MEMJS_FORMAT: ValueFormat = {
  encode(value: unknown, target: EncodedValue): void {
    if (typeof value !== 'string' && !isBytes(value)) throw unwritable(value, 'memjs has text and bytes only')
    target.bytes = typeof value === 'string' ? textBytes(value) : value
    target.clientFlags = 0
  },

  decode: copyOfRange,
}
