import { types } from 'node:util'
import { unreadable, unwritable } from './value-errors.js'

/** The value as JSON. Throws if JSON cannot have it, such as undefined, a function, or a circular object. */
export function jsonText(value: unknown): string {
  if (typeof value === 'object' && value !== null && isLostInJson(value))
    throw unwritable(value, 'its contents would be lost in JSON')
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw unwritable(value, 'JSON cannot express it', { cause })
  }
  if (text === undefined) throw unwritable(value, 'JSON cannot express it')
  return text
}

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable('JSON', { cause })
  }
}

/** JSON makes `{}` of these without an error. A promise is most often one that lacks its `await`. */
function isLostInJson(value: object): boolean {
  if ('toJSON' in value) return false
  return (
    types.isPromise(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value)
  )
}
