import { isBytes } from './plain-bytes.js'
import { unwritable } from './value-errors.js'
import type { EncodedValue, ValueFormat } from './value-format.js'

/**
 * Fills `target`. The format may be the program's own: what it does not fill in, such as before a promise
 * that it returns, would be of another value, and what is no bytes would be sent as zeros.
 */
export function encodeValue(format: ValueFormat, value: unknown, target: EncodedValue): void {
  target.clear()
  format.encode(value, target)
  const { bytes, clientFlags } = target
  if (target.isClear || !isBytes(bytes)) throw unwritable(value, 'its format has made no bytes of it')
  if (clientFlags >>> 0 !== clientFlags) throw unwritable(value, 'its flags are no unsigned 32-bit number')
}
