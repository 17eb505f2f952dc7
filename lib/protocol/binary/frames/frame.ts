/**
 * The reference codec of the binary protocol: whole frames as objects, read by binary-parser and written by
 * smart-buffer, both from the table in header.ts. It is written to be evidently right. The coders of the server
 * are written to be fast, and the specs compare them with this one.
 */
import { SmartBuffer } from 'smart-buffer'
import { HEADER_FIELDS, HEADER_LENGTH, MAGIC, REPLY_MAGIC, REQUEST_MAGIC } from '../header.js'
import { FrameError } from './frame-error.js'
import { type NumbersIn, readerOf, writeNumbers } from './number-fields.js'

/** The common fields of requests and replies. The three lengths of the header follow from the Buffers. */
interface FrameParts {
  readonly opcode: number
  /** Always 0 in practice. */
  readonly dataType: number
  /** A number that the client chooses; the reply returns it. */
  readonly opaque: number
  /** The version of an item; in a request 0 means any, in a reply none. */
  readonly cas: bigint
  readonly extras: Buffer
  readonly key: Buffer
  readonly value: Buffer
}

export interface RequestFrame extends FrameParts {
  readonly magic: typeof REQUEST_MAGIC
  readonly vbucket: number
}

export interface ReplyFrame extends FrameParts {
  readonly magic: typeof REPLY_MAGIC
  readonly status: number
}

/** Its `magic` says which of the two it is. */
export type Frame = RequestFrame | ReplyFrame

export interface DecodedFrame {
  readonly frame: Frame
  /** Where the next frame begins. */
  readonly end: number
}

/** The bytes of a frame. Throws a FrameError if a number or a length does not fit into its field. */
export function encodeFrame(frame: Frame): Buffer {
  const { magic, opcode, dataType, opaque, cas, extras, key, value } = frame
  const bodyLength = extras.length + key.length + value.length
  const writer = SmartBuffer.fromSize(HEADER_LENGTH + bodyLength)
  writeNumbers(writer, HEADER_FIELDS, {
    magic,
    opcode,
    keyLength: key.length,
    extrasLength: extras.length,
    dataType,
    vbucketOrStatus: frame.magic === REQUEST_MAGIC ? frame.vbucket : frame.status,
    bodyLength,
    opaque,
    cas,
  })
  return writer.writeBuffer(extras).writeBuffer(key).writeBuffer(value).toBuffer()
}

/**
 * Reads the frame that begins at `offset`, or returns undefined while it is incomplete. Its Buffers are views:
 * they change when `bytes` does. Throws a FrameError as soon as the available bytes show that they are not
 * a frame, or that its body would be longer than `bodyLengthMax`.
 */
export function decodeFrame(
  bytes: Uint8Array,
  offset = 0,
  bodyLengthMax = Number.POSITIVE_INFINITY,
): DecodedFrame | undefined {
  const rest = bytesFrom(bytes, offset)
  if (rest.length > 0) checkMagic(rest[MAGIC]!)
  if (rest.length < HEADER_LENGTH) return undefined
  const header = readHeader(rest)
  checkLengths(header, bodyLengthMax)
  const length = HEADER_LENGTH + header.bodyLength
  if (rest.length < length) return undefined
  return { frame: frameOf(header, rest.subarray(HEADER_LENGTH, length)), end: offset + length }
}

type Header = NumbersIn<(typeof HEADER_FIELDS)[number]>

const readHeader = readerOf(HEADER_FIELDS)

function bytesFrom(bytes: Uint8Array, offset: number): Buffer {
  if (!Number.isInteger(offset) || offset < 0)
    throw new FrameError('OUT_OF_RANGE', `${offset} is not a place in the bytes`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(offset)
}

function checkMagic(magic: number): void {
  if (magic === REQUEST_MAGIC || magic === REPLY_MAGIC) return
  throw new FrameError('WRONG_MAGIC', `a frame begins with 0x80 or 0x81, not with 0x${magic.toString(16)}`)
}

function checkLengths({ extrasLength, keyLength, bodyLength }: Header, bodyLengthMax: number): void {
  if (extrasLength + keyLength > bodyLength) {
    const parts = `${extrasLength} bytes of extras and ${keyLength} of key`
    throw new FrameError('LENGTHS_DISAGREE', `${parts} do not fit into a body of ${bodyLength}`)
  }
  if (bodyLength > bodyLengthMax)
    throw new FrameError('BODY_TOO_LONG', `a body of ${bodyLength} bytes is more than ${bodyLengthMax}`)
}

function frameOf(header: Header, body: Buffer): Frame {
  const { magic, opcode, dataType, vbucketOrStatus, opaque, cas, extrasLength, keyLength } = header
  const valueStart = extrasLength + keyLength
  const parts: FrameParts = {
    opcode,
    dataType,
    opaque,
    cas,
    extras: body.subarray(0, extrasLength),
    key: body.subarray(extrasLength, valueStart),
    value: body.subarray(valueStart),
  }
  return magic === REQUEST_MAGIC
    ? { magic, vbucket: vbucketOrStatus, ...parts }
    : { magic: REPLY_MAGIC, status: vbucketOrStatus, ...parts }
}
