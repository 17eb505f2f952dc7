import { copyOfRange, isBytes, textBytes, textOfRange } from './plain-bytes.js'
import { unwritable } from './value-errors.js'
import type { EncodedValue, ValueFormat } from './value-format.js'

const RAW = 0
const UTF8 = 1 << 2

/**
 * dalli of Ruby. Strings are written as dalli writes them with `string_fastpath`, bytes as with `raw`. Other objects of Ruby
 * are in Ruby's own serialization (Marshal, bit 0): a Buffer.
 */
export const DALLI_FORMAT: ValueFormat = {
  encode(value: unknown, target: EncodedValue): void {
    if (typeof value === 'string') {
      target.bytes = textBytes(value)
      target.clientFlags = UTF8
    } else if (isBytes(value)) {
      target.bytes = value
      target.clientFlags = RAW
    } else throw unwritable(value, 'dalli has other values in the serialization of Ruby')
  },

  decode(bytes: Buffer, start: number, end: number, clientFlags: number): unknown {
    return clientFlags === UTF8 ? textOfRange(bytes, start, end) : copyOfRange(bytes, start, end)
  },
}
