/** A packet out of a capture file. */
export interface Packet {
  /** By the clock of the machine that captured it. */
  readonly seconds: number
  /** What its first header is (https://www.tcpdump.org/linktypes.html). */
  readonly linkType: number
  readonly bytes: Buffer
}

/** Reads a capture file as it comes. */
export interface CaptureReader {
  push(chunk: Buffer): void
  /** The next packet, or undefined while it is not whole. Throws a CaptureError. */
  read(): Packet | undefined
  /** How many bytes are left that make no whole packet. */
  readonly heldLength: number
}

/** The file is not what it says it is. */
export class CaptureError extends Error {}

/** No network has packets this long. */
export const PACKET_LENGTH_MAX = 16 * 1024 * 1024
