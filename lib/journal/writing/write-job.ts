import { FrameFlag } from '../format/format.js'
import { frameAround } from '../format/frame.js'
import type { FrameBuffer } from './frame-buffer.js'
import type { JournalFile } from './journal-file.js'
import { type LinkedValue, takePart } from './linked-value.js'

/** A long value that is written in place, after this much of the buffer. */
export interface Link {
  readonly at: number
  readonly value: LinkedValue
  /** The part of it that is not written yet. */
  rest?: Buffer[]
}

/** The bytes of the value that no write has taken yet. */
export function restLengthOf({ value, rest }: Link): number {
  let length = 0
  for (const piece of rest ?? value.pieces) length += piece.length
  return length
}

export interface WriteJobParts {
  readonly file: JournalFile
  /** All of it is sealed. */
  readonly buffer: FrameBuffer
  readonly links: Link[]
  /** This many more bytes are written. */
  readonly onWritten: (length: number) => void
  /** The job has ended: buffer and values are not needed any more. */
  readonly onEnd: (error: Error | null) => void
}

/**
 * One buffer of frames that another thread writes to a file, with the long values between them, a part at a time:
 *
 *     buffer  ┌─ frames, record of a ─┐                        ┌─ frames ─┐
 *     values                           ┌─ part of a ─┬─ part ─┐
 *             ───────────────────────────────────────────────────────────────▶ file
 */
export class WriteJob {
  private readonly parts: WriteJobParts
  /** The offset up to which the buffer was passed to a write. */
  private done: number
  /** The offset up to which the disk has taken it. */
  private taken: number
  /** The part of a value that is being written. */
  private partLength = 0
  private isCancelled = false
  private longestMs = 0

  constructor(parts: WriteJobParts) {
    this.parts = parts
    this.done = parts.buffer.start
    this.taken = parts.buffer.start
  }

  /** The part of the buffer and of the values that is not written yet. */
  get restLength(): number {
    const { buffer, links } = this.parts
    let length = buffer.sealedEnd - this.taken + this.partLength
    for (const link of links) length += restLengthOf(link)
    return length
  }

  /** How long the slowest of its writes has taken. The whole takes as long as its values are. */
  get slowestMs(): number {
    return this.longestMs
  }

  /** Writes the next part, and continues until all is written. */
  step(): void {
    const { buffer, links } = this.parts
    const [link] = links
    const end = link?.at ?? buffer.sealedEnd
    if (this.done < end) {
      const bytes = buffer.view(this.done, end)
      this.done = end
      this.write([bytes])
    } else if (link !== undefined) {
      this.writePart(link)
    } else {
      this.end(null)
    }
  }

  /** Starts no more writes. The job ends when the current one has returned, because that still reads the buffer. */
  cancel(): void {
    this.isCancelled = true
  }

  private writePart(link: Link): void {
    const { file, links } = this.parts
    link.rest ??= [...link.value.pieces]
    const part = takePart(link.rest)
    if (part.length === 0) {
      links.shift()
      link.value.release()
      this.step()
      return
    }
    const flags = FrameFlag.PART | (link.rest.length > 0 ? FrameFlag.CONTINUES : 0)
    this.partLength = part.reduce((sum, piece) => sum + piece.length, 0)
    this.write(frameAround(part, file.seed, flags, file.durableLength))
  }

  private write(pieces: Buffer[]): void {
    const begunMs = performance.now()
    this.parts.file.write(pieces, (error) => {
      this.longestMs = Math.max(this.longestMs, performance.now() - begunMs)
      if (error === null) this.taken = this.done
      this.partLength = 0
      if (error === null) this.parts.onWritten(pieces.reduce((sum, piece) => sum + piece.length, 0))
      if (error !== null || this.isCancelled) this.end(error)
      else this.step()
    })
  }

  private end(error: Error | null): void {
    for (const { value } of this.parts.links.splice(0)) value.release()
    this.parts.buffer.clear()
    this.parts.onEnd(error)
  }
}
