import { types } from 'node:util'
import type { MessageKey } from '../protocol/client/request-message.js'
import { ClientError } from './client-error.js'

/** A key that its owner cannot change, to be sent later or again. Throws BAD_KEY. */
export function copyOfKey(key: MessageKey): MessageKey {
  if (typeof key === 'string') return key
  if (types.isUint8Array(key)) return Buffer.from(key)
  throw new ClientError(
    'BAD_KEY',
    `not a key: a string or bytes, not of type ${key === null ? 'null' : typeof key}`,
  )
}
