import type { Protocol } from '../protocol.js'
import { decodeRequest } from './decode-request.js'
import { encodeReply } from './encode-reply.js'

/** The text protocol and the meta protocol, which share connections line by line. */
export const text: Protocol = { decodeRequest, encodeReply }
