import type { ClientCodec } from '../../client/client-codec.js'
import { mayAnswer, ReplyDecoder } from './decode-reply.js'
import { encodeRequest } from './encode-request.js'

/** The binary protocol, for one connection of a client. */
export function binaryCodec(): ClientCodec {
  const decoder = new ReplyDecoder()
  return { decode: (input) => decoder.decode(input), encode: encodeRequest, mayAnswer }
}
