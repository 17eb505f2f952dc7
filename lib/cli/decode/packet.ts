/** A packet of a capture file. */
export interface Packet {
  /** By the clock of the machine that captured it. */
  readonly seconds: number
  /** The type of its first header (https://www.tcpdump.org/linktypes.html). */
  readonly linkType: number
  readonly bytes: Buffer
}

/** Reads a capture file as its bytes arrive. */
export interface CaptureReader {
  push(chunk: Buffer): void
  /** The next packet, or undefined while it is incomplete. Throws a CaptureError. */
  read(): Packet | undefined
  /** The count of remaining bytes that are not a whole packet. */
  readonly heldLength: number
}

/** The file does not have the format of its magic. */
export class CaptureError extends Error {}

/** No network has packets this long. */
export const PACKET_LENGTH_MAX = 16 * 1024 * 1024
