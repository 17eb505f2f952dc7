import type { ClientCodec } from '../../client/client-codec.js'
import type { ReplyMessage } from '../../client/reply-message.js'
import type { RequestMessage } from '../../client/request-message.js'
import { ReplyDecoder } from '../../text/client/decode-reply.js'
import { mayAnswerText } from '../../text/client/may-answer.js'
import { encodeRequest, isSentAsText } from './encode-request.js'
import { mayAnswerMeta } from './may-answer.js'

/** The meta protocol, for one connection of a client. */
export function metaCodec(): ClientCodec {
  const decoder = new ReplyDecoder()
  return { decode: (input) => decoder.decode(input), encode: encodeRequest, mayAnswer }
}

const mayAnswer = (request: RequestMessage, reply: ReplyMessage): boolean =>
  isSentAsText(request) ? mayAnswerText(request, reply) : mayAnswerMeta(request, reply)
