import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import type { MessageKey } from '../../protocol/client/request-message.js'

/** Whether the reply is about this key. */
export function isKeyOf(reply: ReplyMessage, key: MessageKey): boolean {
  const { bytes, keyStart, keyEnd } = reply
  if (reply.isBase64Key) return bytesOfBase64(reply).equals(typeof key === 'string' ? Buffer.from(key) : key)
  if (typeof key !== 'string') return reply.key.equals(key)
  if (keyEnd - keyStart !== key.length) return reply.key.equals(Buffer.from(key))
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index)
    if (code > 0x7f) return reply.key.equals(Buffer.from(key))
    if (bytes[keyStart + index] !== code) return false
  }
  return true
}

/** The same for a request that has not asked for the key. */
export const isAboutNoOther = (reply: ReplyMessage, key: MessageKey): boolean =>
  reply.keyEnd === reply.keyStart || isKeyOf(reply, key)

const bytesOfBase64 = ({ key }: ReplyMessage): Buffer => Buffer.from(key.toString('latin1'), 'base64')
