import { SUBSCRIBERS_BATCH_LENGTH_MAX } from '../../request/limits.js'
import { EventBuffer, reuse } from './event-buffer.js'

/** Events as bytes, for one subscriber: its own, and batches that it has in common with others. */
export class ByteQueue {
  /** The latest ones. */
  readonly own = new EventBuffer()
  private readonly batches: Buffer[] = []
  private batchesLength = 0
  /** The latest batch, if nobody else has it. */
  private unshared: Buffer | undefined = undefined

  get length(): number {
    return this.batchesLength + this.own.keptEnd
  }

  addText(text: string): void {
    this.own.writeText(text)
    this.keepOwn()
  }

  /** What was written behind its own bytes is an event. */
  keepOwn(): void {
    this.own.keep()
    if (this.own.keptEnd >= SUBSCRIBERS_BATCH_LENGTH_MAX) this.push(this.own.take())
  }

  addBatch(batch: Buffer, isShared: boolean): void {
    if (!this.own.isEmpty) this.push(this.own.take())
    this.push(batch)
    this.unshared = isShared ? undefined : batch
  }

  /** The reader of a batch needs it no more. */
  release(batch: Buffer): void {
    if (batch !== this.unshared) return
    this.unshared = undefined
    reuse(batch)
  }

  /** The next events; undefined if there are none. */
  take(): Buffer | undefined {
    const batch = this.batches.shift()
    if (batch === undefined) return this.own.isEmpty ? undefined : this.own.take()
    this.batchesLength -= batch.length
    return batch
  }

  clear(): void {
    this.batches.length = 0
    this.batchesLength = 0
    if (!this.own.isEmpty) this.own.take()
  }

  private push(batch: Buffer): void {
    this.batches.push(batch)
    this.batchesLength += batch.length
  }
}
