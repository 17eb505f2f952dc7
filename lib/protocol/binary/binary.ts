import type { Protocol } from '../protocol.js'
import { decodeRequest } from './decode-request.js'
import { encodeReply } from './encode-reply.js'

export const binary: Protocol = { decodeRequest, encodeReply }
