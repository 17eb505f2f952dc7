import { ClientError } from '../client-error.js'
import type { Entries, Key } from './command-options.js'

/** What callers give, checked before anything is sent. */
export const pairsOf = (entries: Entries): Iterable<readonly [Key, unknown]> =>
  Symbol.iterator in entries ? (entries as Iterable<readonly [Key, unknown]>) : Object.entries(entries)

/** Throws unless it is words of one line, such as `items` or `detail dump`. */
export function checkGroup(group: string): void {
  if (typeof group !== 'string' || !GROUP.test(group))
    throw new ClientError('BAD_KEY', 'group: a few words, such as "items"')
}

const GROUP = /^[\x20-\x7e]{0,250}$/

const UNSIGNED_MAX = 2n ** 64n - 1n

export const isUnsigned = (given: unknown): given is bigint =>
  typeof given === 'bigint' && given >= 0n && given <= UNSIGNED_MAX

export function unsigned(given: bigint | number): bigint {
  if (isUnsigned(given)) return given
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= 0) return BigInt(given)
  throw badNumber('a number to count with', 'whole, from 0 to 2^64 - 1', given)
}

export const badNumber = (name: string, words: string, given: unknown): ClientError =>
  new ClientError('BAD_VALUE', `${name}: ${words}, not ${String(given)}`)

/** Without the format: bytes beside others have no type of their own, and are never compressed. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) return value
  throw new ClientError('BAD_VALUE', `value: a string or bytes, not ${typeof value}`)
}
