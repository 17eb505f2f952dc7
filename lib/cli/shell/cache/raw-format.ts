import type { EncodedValue, ValueFormat } from '../../../client/values/value-format.js'

/** The bytes and the client flags of an item, as they are. */
export interface RawValue {
  readonly bytes: Buffer
  readonly flags: number
}

/** Values of the shell have no types: only bytes and flags. */
export const RAW_FORMAT: ValueFormat = {
  encode(value: unknown, target: EncodedValue): void {
    const { bytes, flags } = value as RawValue
    target.bytes = bytes
    target.clientFlags = flags
  },

  decode(bytes: Buffer, start: number, end: number, flags: number): RawValue {
    return { bytes: Buffer.from(bytes.subarray(start, end)), flags }
  },
}
