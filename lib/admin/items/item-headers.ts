import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { LocalReply } from '../../server/workers/local-requests.js'
import { HttpError } from '../http/http-error.js'
import { integerIn } from '../http/parameters.js'

/** What a value comes with. A server without cas (`-C`) sends none. */
export function itemHeaders({ cas, flags, ttl }: LocalReply): OutgoingHttpHeaders {
  return { ...casHeaders(cas), 'keepcached-flags': flags, 'keepcached-ttl': ttl }
}

export function casHeaders(cas: bigint): OutgoingHttpHeaders {
  return cas === 0n ? {} : { etag: `"${cas}"`, 'keepcached-cas': `${cas}` }
}

export function flagsIn(headers: IncomingHttpHeaders): number {
  return numberIn(headers, 'Keepcached-Flags', 0, FLAGS_MAX)
}

/** In seconds; 0 never expires, and so does -1, which a get shows for it. */
export function ttlIn(headers: IncomingHttpHeaders): number {
  return Math.max(0, numberIn(headers, 'Keepcached-Ttl', -1, TTL_SECONDS_MAX))
}

/** Whether the item must be there, must not, or must have this cas. */
export interface Condition {
  readonly kind: 'set' | 'add' | 'replace'
  readonly cas: bigint | undefined
}

export function conditionIn(headers: IncomingHttpHeaders, isCasEnabled: boolean): Condition {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (noneMatch === undefined && match?.trim() !== '*')
    return { kind: 'set', cas: casIn(headers, isCasEnabled) }
  if (noneMatch === undefined) return { kind: 'replace', cas: undefined }
  if (match !== undefined) throw new HttpError(400, 'If-None-Match: give it without If-Match')
  if (noneMatch.trim() !== '*')
    throw new HttpError(400, 'If-None-Match: give *, for an item that is not there')
  return { kind: 'add', cas: undefined }
}

/** The cas that the item must have; undefined for any. */
function casIn(headers: IncomingHttpHeaders, isCasEnabled: boolean): bigint | undefined {
  const text = headers['if-match']
  if (text === undefined) return undefined
  if (!isCasEnabled) throw new HttpError(400, 'If-Match: items have no cas here (-C)')
  const [, quoted, digits = quoted] = /^(?:"(\d{1,20})"|(\d{1,20}))$/.exec(text) ?? []
  const cas = digits === undefined ? 0n : BigInt(digits)
  if (cas === 0n || cas > CAS_MAX) throw new HttpError(400, 'If-Match: give one cas, such as "17", or *')
  return cas
}

function numberIn(headers: IncomingHttpHeaders, name: string, min: number, max: number): number {
  const text = headers[name.toLowerCase()]
  return text === undefined ? 0 : integerIn(name, String(text), { min, max })
}

const FLAGS_MAX = 0xffff_ffff
const CAS_MAX = 0xffff_ffff_ffff_ffffn
/** More than thirty years; as a time it has 32 bits. */
const TTL_SECONDS_MAX = 1_000_000_000
