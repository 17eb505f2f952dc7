/// <reference types="node" preserve="true" />
/**
 * What `keepcached/protocol` exports: codecs for clients, and the binary protocol as frames.
 *
 * A codec encodes requests into bytes to be sent, and decodes the replies from received bytes. It knows no sockets.
 * There is one for each protocol, and one of them for each connection:
 *
 * ```js
 * const codec = metaCodec()
 * const output = new Output()
 * const request = new RequestMessage()
 * request.command = Command.GET
 * request.key = 'sky'
 * codec.encode(request, output)
 * for (const piece of output.takePieces()) socket.write(piece)
 *
 * const reply = codec.decode(input)
 * if (reply !== NEED_MORE && reply.status === Status.OK) console.log(`${reply.value}`)
 * ```
 *
 * Frames are read and written for clarity, not for speed: they are for tools and tests that look into the binary protocol.
 *
 * ```js
 * const bytes = encodeFrame(request('set', { key: 'sky', value: 'blue', extras: { expiry: 60 }, opaque: 7 }))
 * const reader = new FrameReader()
 * for (const frame of reader.push(bytes)) {
 *   console.log(opcodeName(frame.opcode), frame.opaque, `${frame.key}`, `${frame.value}`, readExtras(frame))
 * }
 * // set 7 sky blue { clientFlags: 0, expiry: 60 }
 *
 * const { frame } = decodeFrame(encodeFrame(reply('get', { status: 'NOT_FOUND', value: 'Not found' })))
 * console.log(statusName(frame.status), `${frame.value}`)
 * // NOT_FOUND Not found
 * ```
 */

export { type Codec, NEED_MORE } from '../net/codecs/codec.js'
export { Input } from '../net/codecs/input.js'
export { Output } from '../net/codecs/output.js'
export { Command } from '../request/command.js'
export { Status } from '../request/status.js'
export { binaryCodec } from './binary/client/binary-codec.js'
export {
  type DecodedFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  type ReplyFrame,
  type RequestFrame,
} from './binary/frames/frame.js'
export { type ReplyContent, type RequestContent, reply, request } from './binary/frames/frame-builders.js'
export { FrameError, type FrameErrorCode } from './binary/frames/frame-error.js'
export { type ExtraNumbers, readExtras } from './binary/frames/frame-extras.js'
export {
  opcodeCode,
  opcodeName,
  type StatusName,
  statusCode,
  statusName,
  statusText,
} from './binary/frames/frame-names.js'
export { FrameReader, type FrameReaderOptions } from './binary/frames/frame-reader.js'
export { HEADER_LENGTH, REPLY_MAGIC, REQUEST_MAGIC } from './binary/header.js'
export { type ClientCodec, ReplyError } from './client/client-codec.js'
export { isInStep, mayKeep } from './client/may-keep.js'
export { ReplyKind, ReplyMessage } from './client/reply-message.js'
export { RequestError } from './client/request-error.js'
export { type MessageKey, RequestMessage } from './client/request-message.js'
export { metaCodec } from './meta/client/meta-codec.js'
export { type MetaFlags, readMetaFlags } from './meta/client/read-meta-flags.js'
export { textCodec } from './text/client/text-codec.js'
