/**
 * An item is one string on the engine: a header, and the value.
 *
 *     0       2         3       4        8        12       20
 *     ┌───────┬─────────┬───────┬────────┬────────┬────────┬───────
 *     │ "KC"  │ version │ marks │ access │ flags  │ cas    │ value …
 *     └───────┴─────────┴───────┴────────┴────────┴────────┴───────
 *               1                seconds  client's
 *
 * Numbers are big-endian. The expiry is the engine's own. A string that does not begin so is not an item.
 */
export const MAGIC = 0x4b43
export const FORMAT_VERSION = 1

const VERSION_AT = 2
const MARKS_AT = 3
const ACCESS_AT = 4
const FLAGS_AT = 8
const CAS_AT = 12
export const HEADER_LENGTH = 20

/** Bits of the marks: see the flags X, Z and h of the meta protocol. */
export const Mark = { STALE: 1, TOKEN_SENT: 2, FETCHED: 4 } as const

/** Whether the bytes are an item, and not data of others. */
export const isItem = (bytes: Uint8Array): boolean =>
  bytes.length >= HEADER_LENGTH &&
  ((bytes[0]! << 8) | bytes[1]!) === MAGIC &&
  bytes[VERSION_AT] === FORMAT_VERSION

export const marksOf = (item: Buffer): number => item[MARKS_AT]!
export const accessTimeOf = (item: Buffer): number => item.readUInt32BE(ACCESS_AT)
export const clientFlagsOf = (item: Buffer): number => item.readInt32BE(FLAGS_AT)
export const casHighOf = (item: Buffer): number => item.readInt32BE(CAS_AT)
export const casLowOf = (item: Buffer): number => item.readInt32BE(CAS_AT + 4)
export const valueIn = (item: Buffer): Buffer => item.subarray(HEADER_LENGTH)

/** An item without marks. */
export function itemBytes(item: {
  readonly flags: number
  readonly cas: bigint
  readonly accessTime: number
  readonly value: Buffer
}): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH + item.value.length)
  bytes.writeUInt16BE(MAGIC, 0)
  bytes[VERSION_AT] = FORMAT_VERSION
  bytes.writeUInt32BE(item.accessTime, ACCESS_AT)
  bytes.writeInt32BE(item.flags | 0, FLAGS_AT)
  bytes.writeBigUInt64BE(item.cas, CAS_AT)
  item.value.copy(bytes, HEADER_LENGTH)
  return bytes
}

export const casOf = (item: Buffer): bigint => item.readBigUInt64BE(CAS_AT)

/** Halves of a cas as the scripts pass it. */
export function casBytes(high: number, low: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeInt32BE(high, 0)
  bytes.writeInt32BE(low, 4)
  return bytes
}

export function flagsBytes(clientFlags: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(clientFlags, 0)
  return bytes
}
