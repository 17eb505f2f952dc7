import { CHANGE_NAMES, type ChangeName } from '../../request/change-names.js'
import { percentDecoded } from './percent.js'

/** The fields of a line of `watch changes`. */
export interface LineChange {
  readonly kind: ChangeName
  readonly position: string | undefined
  readonly key: Buffer | undefined
  readonly prefix: Buffer | undefined
  readonly cas: bigint | undefined
  readonly size: number | undefined
  readonly ttl: number | undefined
  readonly flags: number
  readonly value: Buffer | undefined
  readonly after: string | undefined
}

/** Changes of a server are missing, and nobody knows how many. */
export const UNKNOWN_GAP: LineChange = {
  kind: 'gap',
  position: undefined,
  key: undefined,
  prefix: undefined,
  cas: undefined,
  size: undefined,
  ttl: undefined,
  flags: 0,
  value: undefined,
  after: undefined,
}

/**
 * Reads `kind=set position=<position> key=<key> cas=<cas> …`: see lib/watch. Fields that are not known are left out. Returns
 * undefined for a kind that is not known, which a subscriber must ignore. Throws a SyntaxError if the line is none of a change.
 */
export function readChange(line: string): LineChange | undefined {
  const fields = fieldsOf(line)
  const kind = fields.get('kind')
  if (kind === undefined) throw new SyntaxError('a line that is no change')
  if (!isKind(kind)) return undefined
  const key = fields.get('key')
  const prefix = fields.get('prefix')
  const cas = fields.get('cas')
  const value = fields.get('value')
  return {
    kind,
    position: fields.get('position'),
    key: key === undefined ? undefined : percentDecoded(key),
    prefix: prefix === undefined ? undefined : percentDecoded(prefix),
    cas: cas === undefined ? undefined : BigInt(cas),
    size: numberOf(fields.get('size')),
    ttl: numberOf(fields.get('ttl')),
    flags: numberOf(fields.get('flags')) ?? 0,
    value: value === undefined ? undefined : Buffer.from(value, 'base64'),
    after: fields.get('after'),
  }
}

function fieldsOf(line: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (let start = 0; start < line.length; ) {
    const space = line.indexOf(' ', start)
    const end = space < 0 ? line.length : space
    const equals = line.indexOf('=', start)
    if (equals < 0 || equals >= end) throw new SyntaxError('a line that is no change')
    fields.set(line.slice(start, equals), line.slice(equals + 1, end))
    start = end + 1
  }
  return fields
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (text === '' || !Number.isSafeInteger(number)) throw new SyntaxError('a number that is none')
  return number
}

const isKind = (text: string): text is ChangeName => (CHANGE_NAMES as readonly string[]).includes(text)
