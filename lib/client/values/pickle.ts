/**
 * Pickles (Python's own serialization) of None, True, False and floats: these are constants, or a constant and a number.
 * Other pickles build objects of Python: they are not read.
 *
 *     protocol, from 2 on        frame, perhaps, from 4 on                      None N, True 0x88, False 0x89
 *     ┌──────┬───┐              ┌──────┬───────────────┐                       ┌─────┬──────────────────┬───┐
 *     │ 0x80 │ n │              │ 0x95 │ length, 8 B   │                       │  G  │ float64, 8 B     │ . │
 *     └──────┴───┘              └──────┴───────────────┘                       └─────┴──────────────────┴───┘
 */

/** Protocol 2, which Python 2 reads, too. Undefined if the value has no such pickle. */
export function pickleOf(value: unknown): Buffer | undefined {
  if (value === null) return Buffer.of(PROTOCOL, 2, NONE, STOP)
  if (typeof value === 'boolean') return Buffer.of(PROTOCOL, 2, value ? TRUE : FALSE, STOP)
  if (typeof value !== 'number') return undefined
  const bytes = Buffer.of(PROTOCOL, 2, FLOAT, 0, 0, 0, 0, 0, 0, 0, 0, STOP)
  bytes.writeDoubleBE(value, FLOAT_AT)
  return bytes
}

/** Undefined if the pickle is none of these. */
export function unpickled(bytes: Buffer): null | boolean | number | undefined {
  // The pickles of protocol 0, which is the default of bmemcached, are lines of text.
  const text = bytes.toString('latin1', 0, SHORT_LENGTH_MAX)
  if (text === 'I01\n.') return true
  if (text === 'I00\n.') return false
  const float = TEXT_FLOAT.exec(text)
  if (float !== null) return Number(float[1])
  const start = valueStart(bytes)
  const length = bytes.length - start
  if (bytes[bytes.length - 1] !== STOP) return undefined
  if (length === FLOAT_LENGTH && bytes[start] === FLOAT) return bytes.readDoubleBE(start + 1)
  if (length !== CONSTANT_LENGTH) return undefined
  if (bytes[start] === NONE) return null
  if (bytes[start] === TRUE) return true
  return bytes[start] === FALSE ? false : undefined
}

function valueStart(bytes: Buffer): number {
  const start = bytes[0] === PROTOCOL ? PROTOCOL_LENGTH : 0
  return bytes[start] === FRAME ? start + FRAME_LENGTH : start
}

const PROTOCOL = 0x80
const FRAME = 0x95
const NONE = 0x4e
const TRUE = 0x88
const FALSE = 0x89
const FLOAT = 0x47
const STOP = 0x2e
const PROTOCOL_LENGTH = 2
const FRAME_LENGTH = 9
const CONSTANT_LENGTH = 2
const FLOAT_LENGTH = 10
/** Where the number is in the pickle of a float that is written. */
const FLOAT_AT = 3
/** Longer than any number of protocol 0. */
const SHORT_LENGTH_MAX = 40
const TEXT_FLOAT = /^F(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\n\.$/
