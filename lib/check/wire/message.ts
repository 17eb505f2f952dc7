import type { Frame } from '../../protocol/index.js'

/** What a stream of memcached's protocols is made of. Offsets count from the beginning of the stream. */
export type Message = FrameMessage | LineMessage | Broken

export interface FrameMessage {
  readonly kind: 'frame'
  readonly offset: number
  /** Of a long value it holds the beginning only. */
  readonly frame: Frame
  readonly valueLength: number
}

export interface LineMessage {
  readonly kind: 'line'
  readonly offset: number
  /** Its words, one byte a character; how the line ends is cut off. */
  readonly words: readonly string[]
  /** What follows the line, or the beginning of it; undefined when nothing does. */
  readonly data: Buffer | undefined
  readonly dataLength: number
  /** Where the data should have ended in CR LF and do not. */
  readonly wrongEndOffset: number | undefined
}

/** Bytes that are no message. */
export interface Broken {
  readonly kind: 'broken'
  readonly offset: number
  /** The byte that shows it. */
  readonly breakOffset: number
  readonly reason: string
}
