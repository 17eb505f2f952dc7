import { ReplyError } from './client-codec.js'

/** Received bytes: those of an input, or of a message. */
interface Received {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** The error for what is at the start of these bytes. It has a copy: the memory is used again. */
export function replyError(message: string, { bytes, start, end }: Received): ReplyError {
  return new ReplyError(message, Buffer.from(bytes.subarray(start, Math.min(end, start + SHOWN_LENGTH))))
}

const SHOWN_LENGTH = 64
