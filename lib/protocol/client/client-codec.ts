import type { Codec } from '../../net/codecs/codec.js'
import type { ReplyMessage } from './reply-message.js'
import type { RequestMessage } from './request-message.js'

/** A protocol of memcached, as its clients speak it. */
export type ClientCodec = Codec<ReplyMessage, RequestMessage>

/** Why received bytes are no reply: the connection is out of step and is closed. */
export class ReplyError extends Error {
  readonly code = 'PROTOCOL'
  /** The offending bytes, at most 64 of them. */
  readonly bytes: Buffer

  constructor(message: string, bytes: Buffer) {
    super(message)
    this.name = 'ReplyError'
    this.bytes = bytes
  }
}
