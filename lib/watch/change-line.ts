import { percentEncoded } from '../arena/percent.js'
import type { Change } from '../feed/change.js'

/**
 * A change as one line:
 *
 *     kind=set position=<position> key=<key> cas=<cas> size=<length> ttl=<seconds>[ flags=<client flags> value=<base64>]
 *
 * Keys and prefixes are in percent-encoding. A line has only the fields that the change has; see lib/feed.
 */
export function changeLine({
  kind,
  after,
  position,
  keyBytes,
  prefixBytes,
  cas,
  size,
  ttl,
  flags,
  value,
}: Change): string {
  const fields = [
    ['kind', kind],
    ['after', after],
    ['position', position],
    ['key', keyBytes && percentEncoded(keyBytes, 0, keyBytes.length)],
    ['prefix', prefixBytes && percentEncoded(prefixBytes, 0, prefixBytes.length)],
    ['cas', cas],
    ['size', size],
    ['ttl', ttl],
    ['flags', flags],
    ['value', value?.toString('base64')],
  ]
  const given = fields.filter(([, field]) => field !== undefined)
  return `${given.map(([name, field]) => `${name}=${field}`).join(' ')}\n`
}
