import type { Codec } from '../../net/codecs/codec.js'
import type { ReplyMessage } from './reply-message.js'
import type { RequestMessage } from './request-message.js'

/** A protocol of memcached, as its clients speak it. */
export interface ClientCodec extends Codec<ReplyMessage, RequestMessage> {
  /**
   * Whether the message can be one of the reply to this request, by what commands and protocols have of their own. False: the
   * connection is out of step, or the server lies. Keys and numbers are compared by the caller, who knows which it wants.
   */
  mayAnswer(request: RequestMessage, reply: ReplyMessage): boolean
}

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
