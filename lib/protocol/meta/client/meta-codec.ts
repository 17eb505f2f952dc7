import type { ClientCodec } from '../../client/client-codec.js'
import { ReplyDecoder } from '../../text/client/decode-reply.js'
import { encodeRequest } from './encode-request.js'

/** The meta protocol, for one connection of a client. */
export function metaCodec(): ClientCodec {
  const decoder = new ReplyDecoder()
  return { decode: (input) => decoder.decode(input), encode: encodeRequest }
}
