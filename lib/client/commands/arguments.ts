import { ClientError } from '../client-error.js'
import type { Entries, Key } from './command-options.js'

/** What callers give, checked before anything is sent. */
export function pairsOf(entries: Entries): readonly (readonly [Key, unknown])[] {
  if (typeof entries !== 'object' || entries === null) throw badEntries(`of type ${typeof entries}`)
  if (!isIterable(entries)) return Object.entries(entries)
  const pairs = listOf(entries)
  // A third part, such as a ttl, would have no effect.
  if (!pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) throw badEntries('a list of others')
  return pairs
}

/** Throws if it is none. A string is a list too, of its characters. */
export function listOfKeys<K>(keys: Iterable<K>): readonly K[] {
  if (typeof keys === 'string' || !isIterable(keys))
    throw new ClientError(
      'BAD_KEY',
      `keys: a list, not ${typeof keys === 'string' ? 'one key' : `of type ${typeof keys}`}`,
    )
  return listOf(keys)
}

const listOf = <Each>(given: Iterable<Each>): readonly Each[] => (Array.isArray(given) ? given : [...given])

const isIterable = <Each>(given: Iterable<Each> | object): given is Iterable<Each> =>
  typeof (given as Partial<Iterable<Each>> | null | undefined)?.[Symbol.iterator] === 'function'

const badEntries = (words: string): ClientError =>
  new ClientError('BAD_KEY', `entries: pairs of a key and a value, a Map or an object, not ${words}`)

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
