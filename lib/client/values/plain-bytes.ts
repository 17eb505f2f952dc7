import { types } from 'node:util'
import { unwritable } from './value-errors.js'

/** Also recognizes Buffers of another realm, as a program in jest has them. */
export const isBytes: (value: unknown) => value is Uint8Array = types.isUint8Array

/** A Buffer of its own. A short one lies in Node's pool, as with `Buffer.from`. */
export function copyOfRange(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start)
  bytes.copy(copy, 0, start, end)
  return copy
}

/** The text in UTF-8. A lone surrogate has no UTF-8: another character would come back. */
export function textBytes(text: string): Buffer {
  if (!text.isWellFormed())
    throw unwritable(text, 'it has half of a surrogate pair, which UTF-8 cannot express')
  return Buffer.from(text, 'utf8')
}

/** The text in UTF-8, as `undefined` says: Node looks up an encoding that is named, a seventh of the time of 100 bytes. */
export function textOfRange(bytes: Buffer, start: number, end: number): string {
  return bytes.toString(undefined, start, end)
}
