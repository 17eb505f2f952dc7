import type { Output } from '../../net/codecs/output.js'
import { NUMBER_LENGTH_MAX, writeLineEnd, writeNumber, writeText } from '../write.js'
import { RequestError } from './request-error.js'
import type { MessageKey } from './request-message.js'

/** What the codecs of clients write: keys, values and numbers, from JavaScript's types. */

/** No character of a string has more bytes in UTF-8. */
const UTF8_LENGTH_MAX = 3

/** A room that the key fits into. */
export const keyRoom = (key: MessageKey): number =>
  typeof key === 'string' ? key.length * UTF8_LENGTH_MAX : key.length

/** Writes a key, and returns where it ends. */
export function writeKey(bytes: Buffer, at: number, key: MessageKey): number {
  if (typeof key !== 'string') {
    bytes.set(key, at)
    return at + key.length
  }
  const { length } = key
  for (let index = 0; index < length; index++) {
    const code = key.charCodeAt(index)
    if (code >= ASCII_END) return at + bytes.write(key, at, 'utf8')
    bytes[at + index] = code
  }
  return at + length
}

const ASCII_END = 0x80

/** Writes the value, and behind it the end of its line. */
export function writeValueLine(output: Output, value: Uint8Array): void {
  output.writeBytes(value)
  output.ensure(LINE_END_ROOM)
  output.end = writeLineEnd(output.bytes, output.end)
}

const LINE_END_ROOM = 2

/** Room for a space, a letter, and a number with its sign. */
export const WORD_ROOM = NUMBER_LENGTH_MAX + 3

/** Writes the digits of a whole number, perhaps with a minus. */
export function writeInteger(bytes: Buffer, at: number, value: number): number {
  if (value >= 0 && value <= UINT32_MAX) return writeNumber(bytes, at, value | 0)
  return writeText(bytes, at, checked(value, Number.isSafeInteger(value)).toString())
}

/** Writes an unsigned 32-bit number. */
export function writeUint32(bytes: Buffer, at: number, value: number): number {
  return writeNumber(bytes, at, checked(value, value >>> 0 === value) | 0)
}

export const UINT32_MAX = 0xffff_ffff

/** Writes an unsigned 64-bit number. */
export function writeUint64(bytes: Buffer, at: number, value: bigint): number {
  // Most are short, and a string would be made for others.
  if (value >= 0n && value < SHORT_END) return writeNumber(bytes, at, Number(value))
  return writeText(bytes, at, checkedUint64(value).toString())
}

const SHORT_END = 100_000_000n

export function checkedUint64(value: bigint): bigint {
  if (value < 0n || value > UINT64_MAX) throw new RequestError(`not an unsigned 64-bit number: ${value}`)
  return value
}

const UINT64_MAX = 0xffff_ffff_ffff_ffffn

export function checked(value: number, isExpressible: boolean): number {
  if (!isExpressible) throw new RequestError(`a number that the protocol cannot carry: ${value}`)
  return value
}
