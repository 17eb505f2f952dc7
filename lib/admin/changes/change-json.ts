import { isUtf8 } from 'node:buffer'
import type { Change } from '../../feed/change.js'
import { keyFields, prefixFields } from '../items/key.js'

/**
 * A change as JSON; see lib/feed for its fields. Written by hand: JSON.stringify takes several times as long for an object of these
 * fields (scripts/bench/feed.ts). Kinds and positions need no quoting.
 */
export function changeJson(change: Change): string {
  const { kind, position, after, keyBytes, prefixBytes, cas, size, ttl, value } = change
  let json = `{"kind":"${kind}"`
  if (position !== undefined) json += `,"position":"${position}"`
  if (after !== undefined) json += `,"after":"${after}"`
  if (keyBytes !== undefined) json += keyJson(change.key, keyBytes)
  if (prefixBytes !== undefined) json += membersOf(prefixFields(prefixBytes))
  // 64 bits are more than a number of JavaScript holds: it is text.
  if (cas !== undefined) json += `,"cas":"${cas}"`
  if (size !== undefined) json += `,"size":${size}`
  if (ttl !== undefined) json += `,"ttl":${ttl}`
  if (value !== undefined) json += membersOf(valueFields(value))
  return `${json}}`
}

const keyJson = (key: string | undefined, keyBytes: Buffer): string =>
  key === undefined ? membersOf(keyFields(keyBytes)) : `,"key":${JSON.stringify(key)}`

/** What is between the braces, behind a comma. */
const membersOf = (fields: object): string => `,${JSON.stringify(fields).slice(1, -1)}`

const valueFields = (value: Buffer) =>
  isUtf8(value) ? { value: value.toString() } : { value64: value.toString('base64') }
