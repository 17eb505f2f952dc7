import { FrameFlag } from '../format/format.js'
import { frameAround } from '../format/frame.js'
import type { FrameBuffer } from './frame-buffer.js'
import type { JournalFile } from './journal-file.js'
import { type LinkedValue, takePart } from './linked-value.js'

/** A long value that is written from where it lies, behind so much of the buffer. */
export interface Link {
  readonly at: number
  readonly value: LinkedValue
  /** What of it is not written yet. */
  rest?: Buffer[]
}

export interface WriteJobParts {
  readonly file: JournalFile
  /** All of it is sealed. */
  readonly buffer: FrameBuffer
  readonly links: Link[]
  /** So many bytes more are written. */
  readonly onWritten: (length: number) => void
  /** It is over: buffer and values are not needed any more. */
  readonly onEnd: (error: Error | null) => void
}

/**
 * One buffer of frames on its way to a file in another thread, with the long values that belong between them, a part at a time:
 *
 *     buffer  ┌─ frames, record of a ─┐                        ┌─ frames ─┐
 *     values                           ┌─ part of a ─┬─ part ─┐
 *             ───────────────────────────────────────────────────────────────▶ file
 */
export class WriteJob {
  private readonly parts: WriteJobParts
  /** Up to where the buffer has been given away. */
  private done: number
  /** Up to where the disk has taken it. */
  private taken: number
  private isCancelled = false

  constructor(parts: WriteJobParts) {
    this.parts = parts
    this.done = parts.buffer.start
    this.taken = parts.buffer.start
  }

  /** What of the buffer is not written yet. */
  get restLength(): number {
    return this.parts.buffer.sealedEnd - this.taken
  }

  /** Writes what comes next, and goes on until all is written. */
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

  /** Begins nothing more. It ends when what is under way has come back, since that may still be read. */
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
    this.write(frameAround(part, file.seed, flags, file.durableLength))
  }

  private write(pieces: Buffer[]): void {
    this.parts.file.write(pieces, (error) => {
      if (error === null) this.taken = this.done
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
