import type { ClientCodec } from '../../client/client-codec.js'
import { ReplyDecoder } from './decode-reply.js'
import { encodeRequest } from './encode-request.js'
import { mayAnswerText } from './may-answer.js'

/** The text protocol, for one connection of a client. */
export function textCodec(): ClientCodec {
  const decoder = new ReplyDecoder()
  return { decode: (input) => decoder.decode(input), encode: encodeRequest, mayAnswer: mayAnswerText }
}
