import type { Protocol } from '../protocol.js'
import { decodeRequest } from './decode-request.js'
import { encodeReply } from './encode-reply.js'
import { listKeys } from './list-keys.js'

export const binary: Protocol = { decodeRequest, encodeReply, listKeys }
