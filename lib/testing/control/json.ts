import { isPlainObject, record, refuse } from '../faults/checks.js'
import type { Fault } from '../faults/fault.js'
import type { FaultState } from '../faults/faults.js'
import type { TestItem } from '../serving/controls.js'
import { fieldOfItem, type LoadedValue } from '../serving/loaded-value.js'

/**
 * What JSON lacks. A pattern is `{ "pattern": "^user:", "flags": "i" }`. Bytes that are no text are `{ "base64": "…" }`. A cas is
 * a string, because it may be larger than a number of JSON.
 */
export function faultOf(json: unknown): Fault {
  if (!isPlainObject(json)) refuse('fault', json, 'an object')
  const fields = json as Record<string, unknown>
  const { key } = fields
  const then = effectOf(fields['then'])
  return { ...fields, ...(key === undefined ? {} : { key: patternOf(key) }), then } as Fault
}

function patternOf(key: unknown): unknown {
  if (typeof key !== 'object' || key === null) return key
  const { pattern, flags = '' } = record('key', key, ['pattern', 'flags'])
  if (typeof pattern !== 'string') refuse('key.pattern', pattern, 'a string')
  if (typeof flags !== 'string') refuse('key.flags', flags, 'a string')
  try {
    return new RegExp(pattern, flags)
  } catch (error) {
    throw new TypeError(`key: ${(error as Error).message}`)
  }
}

function effectOf(then: unknown): unknown {
  if (typeof then !== 'object' || then === null || !('reply' in then)) return then
  return { ...then, reply: bytesOf('then.reply', then.reply) }
}

export function faultStateJson({ fault, ...state }: FaultState): unknown {
  const { key, then } = fault
  const isReply = typeof then === 'object' && 'reply' in then
  return {
    ...state,
    ...fault,
    ...(typeof key === 'object' && { key: { pattern: key.source, flags: key.flags } }),
    ...(isReply && { then: { reply: textOrBase64(Buffer.from(then.reply)) } }),
  }
}

export function itemJson({ value, cas, ...item }: TestItem): unknown {
  return { ...item, value: textOrBase64(value), cas: `${cas}` }
}

/** The values to store, by key. */
export function loadedOf(json: unknown): Record<string, LoadedValue> {
  if (!isPlainObject(json)) refuse('items', json, 'an object of values by key')
  return Object.fromEntries(
    Object.entries(json).map(([key, given]) => [key, loadedValueOf(fieldOfItem(key), given)]),
  )
}

/** What else is wrong is found as in values that are no JSON. */
function loadedValueOf(field: string, given: unknown): LoadedValue {
  if (!isPlainObject(given)) return given as LoadedValue
  if ('base64' in given) return bytesOf(field, given)
  if (!('value' in given)) return given as LoadedValue
  return { ...given, value: bytesOf(`${field}.value`, given.value) }
}

function bytesOf(field: string, given: unknown): string | Buffer {
  if (typeof given === 'string') return given
  if (!isPlainObject(given) || !('base64' in given)) refuse(field, given, 'a string or { "base64": "…" }')
  const { base64 } = record(field, given, ['base64'])
  const bytes = Buffer.from(`${base64}`, 'base64')
  // Node skips what it does not know.
  const isExact = typeof base64 === 'string' && bytes.toString('base64') === padded(base64)
  return isExact ? bytes : refuse(`${field}.base64`, base64, 'bytes in base64')
}

const padded = (base64: string): string => base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')

function textOrBase64(bytes: Buffer): unknown {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') }
}
