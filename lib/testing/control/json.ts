import { record, refuse, shown } from '../faults/checks.js'
import type { Fault } from '../faults/fault.js'
import type { FaultState } from '../faults/faults.js'
import type { LoadedValue, TestItem } from '../serving/controls.js'

/**
 * What JSON lacks. A pattern is `{ "pattern": "^user:", "flags": "i" }`. Bytes that are no text are `{ "base64": "…" }`. A cas is
 * a string, because it may be larger than a number of JSON.
 */
export function faultOf(json: unknown): Fault {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) refuse('fault', json, 'an object')
  const fields = json as Record<string, unknown>
  const { key } = fields
  const then = effectOf(fields['then'])
  return { ...fields, ...(key === undefined ? {} : { key: patternOf(key) }), then } as Fault
}

function patternOf(key: unknown): unknown {
  if (typeof key !== 'object' || key === null) return key
  const { pattern, flags = '' } = record('key', key, ['pattern', 'flags'])
  try {
    return new RegExp(`${pattern}`, `${flags}`)
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
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    refuse('items', json, 'an object of values by key')
  return Object.fromEntries(Object.entries(json).map(([key, given]) => [key, loadedValueOf(key, given)]))
}

function loadedValueOf(key: string, given: unknown): LoadedValue {
  if (typeof given !== 'object' || given === null || 'base64' in given)
    return bytesOf(`items[${JSON.stringify(key)}]`, given)
  if (!('value' in given)) return given as LoadedValue
  return { ...given, value: bytesOf(`items[${JSON.stringify(key)}].value`, given.value) }
}

function bytesOf(field: string, given: unknown): string | Buffer {
  if (typeof given === 'string') return given
  if (typeof given === 'object' && given !== null && 'base64' in given)
    return Buffer.from(`${given.base64}`, 'base64')
  throw new TypeError(`${field}: ${shown(given)} is not a string or { "base64": "…" }`)
}

function textOrBase64(bytes: Buffer): unknown {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') }
}
