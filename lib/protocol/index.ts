/// <reference types="node" preserve="true" />
/**
 * The binary protocol as frames: what `keepcached/protocol` exports.
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
 *
 * Frames are read and written for clarity, not for speed: this is for tools and tests that look into the
 * protocol.
 */
export {
  type DecodedFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  type ReplyFrame,
  type RequestFrame,
} from './binary/frame.js'
export { type ReplyContent, type RequestContent, reply, request } from './binary/frame-builders.js'
export { FrameError, type FrameErrorCode } from './binary/frame-error.js'
export { type ExtraNumbers, readExtras } from './binary/frame-extras.js'
export {
  opcodeCode,
  opcodeName,
  type StatusName,
  statusCode,
  statusName,
  statusText,
} from './binary/frame-names.js'
export { FrameReader, type FrameReaderOptions } from './binary/frame-reader.js'
export { HEADER_LENGTH, REPLY_MAGIC, REQUEST_MAGIC } from './binary/header.js'
