import type { Frame } from '../../protocol/index.js'

/** The parts of a stream of memcached's protocols. Offsets count from the beginning of the stream. */
export type Message = FrameMessage | LineMessage | Broken

export interface FrameMessage {
  readonly kind: 'frame'
  readonly offset: number
  /** Of a long value only the beginning. */
  readonly frame: Frame
  readonly valueLength: number
}

export interface LineMessage {
  readonly kind: 'line'
  readonly offset: number
  /** Its words, one byte per character, without the line end. */
  readonly words: readonly string[]
  /** The data that follow the line, or their beginning; undefined if there are none. */
  readonly data: Buffer | undefined
  readonly dataLength: number
  /** Where the data should have ended in CR LF, but do not. */
  readonly wrongEndOffset: number | undefined
}

/** Bytes that are not a message. */
export interface Broken {
  readonly kind: 'broken'
  readonly offset: number
  /** The byte that shows it. */
  readonly breakOffset: number
  readonly reason: string
}
