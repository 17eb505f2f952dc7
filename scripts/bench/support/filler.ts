import type { Client } from './client.js'
import { RequestWriter } from './request-writer.js'

/** The item that is stored as the n-th, from 0. */
export type ItemAt = (index: number) => { readonly key: string; readonly valueLength: number }

export const MEGABYTE = 1024 * 1024

/** No server needs more memory than this many times the keys and values: up to there, nothing can be evicted. */
const OVERHEAD_MAX = 4
/** Up to there, one step is so long. */
const COARSE_STEP_LENGTH = MEGABYTE
/** Then a step is this part of the memory: a thousandth of the smallest items that fit, less of others. */
const FINE_STEP = 1 / 8192

/** Stores one item after the other. */
export class Filler {
  itemCount = 0
  private storedLength = 0
  private readonly client: Client
  private readonly itemAt: ItemAt
  private readonly writer = new RequestWriter()

  constructor(client: Client, itemAt: ItemAt) {
    this.client = client
    this.itemAt = itemAt
  }

  /** Stores items in one batch, until their keys and values have this many bytes. */
  async store(lengthMin: number): Promise<void> {
    const { writer } = this
    const end = this.storedLength + lengthMin
    while (this.storedLength < end) {
      const { key, valueLength } = this.itemAt(this.itemCount++)
      writer.setQuietly(key, valueLength)
      this.storedLength += key.length + valueLength
    }
    writer.noop()
    await this.client.exchange(writer.take())
  }

  /** Stores items until the server evicts, in steps. Returns how many there were before the last step. */
  async fillUp(memoryMegabytes: number): Promise<number> {
    const memoryLength = memoryMegabytes * MEGABYTE
    while (true) {
      const before = this.itemCount
      const isFarFromFull = this.storedLength < memoryLength / OVERHEAD_MAX - COARSE_STEP_LENGTH
      await this.store(isFarFromFull ? COARSE_STEP_LENGTH : memoryLength * FINE_STEP)
      if ((await this.client.statistic('evictions')) > 0) return before
    }
  }
}
