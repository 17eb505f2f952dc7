import { types } from 'node:util'
import type { MessageKey } from '../protocol/client/request-message.js'

/** A key that its owner cannot change, for those who send it later or again. What is no key stays what it is. */
export const copyOfKey = (key: MessageKey): MessageKey => (types.isUint8Array(key) ? Buffer.from(key) : key)
