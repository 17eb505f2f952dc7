import { isUint8Array } from 'node:util/types'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import { isPlainObject, record, refuse, wholeNumber } from '../faults/checks.js'

/** What a test stores: a value, or a value with its flags and its expiry, in seconds from now. */
export type LoadedValue =
  | string
  | Uint8Array
  | { readonly value: string | Uint8Array; readonly flags?: number; readonly expiry?: number }

/** An item that a test stores, checked. */
export interface LoadedItem {
  /** In errors. */
  readonly field: string
  readonly key: Buffer
  readonly value: Uint8Array
  readonly flags: number
  /** Seconds from now; 0: never. */
  readonly expiry: number
}

/** Checks all before any is stored. Throws a TypeError that names the field. */
export function parseLoaded(entries: unknown): LoadedItem[] {
  if (!isPlainObject(entries)) refuse('items', entries, 'an object of values by key')
  return Object.entries(entries).map(([key, loaded]) => parseItem(key, loaded))
}

export const fieldOfItem = (key: string): string => `items[${JSON.stringify(key)}]`

function parseItem(name: string, loaded: unknown): LoadedItem {
  const field = fieldOfItem(name)
  const key = Buffer.from(name)
  if (key.length === 0 || key.length > KEY_LENGTH_MAX)
    throw new TypeError(`${field}: a key has 1 to ${KEY_LENGTH_MAX} bytes`)
  if (typeof loaded === 'string' || isUint8Array(loaded))
    return { field, key, value: bytesOf(loaded), flags: 0, expiry: 0 }
  const { value, flags = 0, expiry = 0 } = record(field, loaded, ['value', 'flags', 'expiry'])
  if (typeof value !== 'string' && !isUint8Array(value))
    return refuse(`${field}.value`, value, 'a string or bytes')
  return {
    ...{ field, key },
    value: bytesOf(value),
    flags: wholeNumber(`${field}.flags`, flags, 0, 2 ** 32 - 1),
    expiry: wholeNumber(`${field}.expiry`, expiry, 0, 2 ** 31 - 1),
  }
}

const bytesOf = (value: string | Uint8Array): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value) : value
