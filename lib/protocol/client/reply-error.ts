import type { Input } from '../../net/codecs/input.js'
import { ReplyError } from './client-codec.js'

/** The error for what is at the start of the input. */
export function replyError(message: string, { bytes, start, end }: Input): ReplyError {
  return new ReplyError(message, Buffer.from(bytes.subarray(start, Math.min(end, start + SHOWN_LENGTH))))
}

const SHOWN_LENGTH = 64
