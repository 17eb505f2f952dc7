import { isUtf8 } from 'node:buffer'
import type { Change } from '../../feed/change.js'
import { keyFields, prefixFields } from '../items/key.js'

/** A change as JSON; see lib/feed for its fields. A cas has 64 bits, more than a number of JavaScript: it is text. */
export function changeJson(change: Change): string {
  const { kind, position, after, keyBytes, prefixBytes, cas, size, ttl, value } = change
  return JSON.stringify({
    kind,
    position,
    after,
    ...(keyBytes && keyFields(keyBytes)),
    ...(prefixBytes && prefixFields(prefixBytes)),
    cas: cas?.toString(),
    size,
    ttl,
    ...(value && valueFields(value)),
  })
}

const valueFields = (value: Buffer) =>
  isUtf8(value) ? { value: value.toString() } : { value64: value.toString('base64') }
