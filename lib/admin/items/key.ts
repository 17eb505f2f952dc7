import { isUtf8 } from 'node:buffer'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import { HttpError } from '../http/http-error.js'
import { decodePercent } from '../http/percent.js'

/** The key in a path, percent-encoded: any bytes. */
export function keyIn(path: string): Buffer {
  const key = decodePercent(path)
  if (key === undefined) throw new HttpError(400, 'key: % needs two hexadecimal digits behind it')
  if (key.length === 0 || key.length > KEY_LENGTH_MAX)
    throw new HttpError(400, `key: a key has 1 to ${KEY_LENGTH_MAX} bytes`)
  return key
}

/** A key in JSON: as text if it is UTF-8, otherwise in base64. */
export function keyFields(key: Buffer): { readonly key: string } | { readonly key64: string } {
  return isUtf8(key) ? { key: key.toString() } : { key64: key.toString('base64') }
}

/** A prefix in JSON, likewise. */
export const prefixFields = (prefix: Buffer): { readonly prefix: string } | { readonly prefix64: string } =>
  isUtf8(prefix) ? { prefix: prefix.toString() } : { prefix64: prefix.toString('base64') }
