import { crc32 } from './crc32.js'
import {
  durableWords,
  FRAME_CHECKED,
  FRAME_CHECKSUM,
  FRAME_DURABLE,
  FRAME_HEADER_LENGTH,
  FRAME_LENGTH,
  frameMagic,
  roundUp,
} from './format.js'

/**
 * Frames that are not built in the arena: rare ones, or those of pieces that are not copied.
 *
 *     ┌───────────┬──────────┬──────────────────┬─────────────────────┬─────────────────────┐
 *     │ magic     │ checksum │ length and flags │ known to be on disk │ body                │
 *     └───────────┴──────────┴──────────────────┴─────────────────────┴─────────────────────┘
 *                             ◀──────────────── what the checksum covers ───────────────────▶
 */
export function encodeFrame(body: Buffer, seed: number, flags = 0, durable = 0): Buffer {
  return Buffer.concat(frameAround([body], seed, flags, durable))
}

/** The buffers of a frame whose body is in pieces: they are not joined. */
export function frameAround(
  pieces: readonly Buffer[],
  seed: number,
  flags: number,
  durable: number,
): Buffer[] {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const padding = Buffer.alloc(roundUp(length) - length)
  const header = Buffer.alloc(FRAME_HEADER_LENGTH)
  header.writeUInt32LE(frameMagic(seed), 0)
  header.writeUInt32LE((length + padding.length + flags) >>> 0, FRAME_LENGTH)
  header.writeUInt32LE(durableWords(durable), FRAME_DURABLE)
  let checksum = crc32(header.subarray(FRAME_CHECKED), seed)
  for (const piece of pieces) checksum = crc32(piece, checksum)
  if (padding.length > 0) checksum = crc32(padding, checksum)
  header.writeUInt32LE(checksum, FRAME_CHECKSUM)
  return padding.length > 0 ? [header, ...pieces, padding] : [header, ...pieces]
}
