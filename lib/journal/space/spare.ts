import { type Files, pathIn } from '../disk/files.js'
import { SPARE_NAME } from '../format/file-header.js'
import { JournalFile, settled } from '../writing/journal-file.js'

/**
 * Reserved space on a disk that is nearly full: a file of random bytes. It is released for a snapshot that finds the disk
 * full, whatever has filled it: the snapshot replaces journals, and then there is room for both again.
 */
export class Spare {
  /** The reserved bytes. */
  length: number
  private readonly files: Files
  private readonly directory: string
  /** Resolves once nothing is being written to it. */
  settled: Promise<void> = Promise.resolve()

  constructor(files: Files, directory: string) {
    this.files = files
    this.directory = directory
    this.length = lengthOf(files, directory)
  }

  /** Reserves this many bytes, if the disk has them. */
  grow(length: number): Promise<void> {
    this.settled = this.settled
      .then(() => this.write(length))
      .catch(() => this.remove().catch(() => undefined))
    return this.settled
  }

  /** False if there was nothing to release. */
  async giveUp(): Promise<boolean> {
    await this.settled
    if (this.length === 0) return false
    await this.remove()
    return true
  }

  /** Makes an attempt, and a second one without the spare if the disk is full and the spare may be enough. */
  async backUp<Value>(attempt: () => Promise<Value>, isEnough = () => true): Promise<Value> {
    try {
      return await attempt()
    } catch (error) {
      if (!isFull(error) || !isEnough() || !(await this.giveUp())) throw error
      return attempt()
    }
  }

  private async write(length: number): Promise<void> {
    const { files, directory } = this
    if (this.length >= length) return
    if (this.length === 0) (await files.create(pathIn(directory, SPARE_NAME))).close()
    const { randomFillSync } = process.getBuiltinModule('node:crypto')
    const file = await JournalFile.open(files, directory, SPARE_NAME, 0, this.length)
    try {
      while (file.length < length) {
        const block = randomFillSync(Buffer.allocUnsafe(Math.min(BLOCK_LENGTH, length - file.length)))
        await settled((done) => file.write([block], done))
      }
      await settled((done) => file.sync(done))
    } finally {
      this.length = file.length
      file.retire()
    }
  }

  private async remove(): Promise<void> {
    await this.files.remove(pathIn(this.directory, SPARE_NAME))
    this.length = 0
  }
}

function lengthOf(files: Files, directory: string): number {
  if (!files.list(directory).includes(SPARE_NAME)) return 0
  const file = files.open(pathIn(directory, SPARE_NAME))
  file.close()
  return file.length
}

/** An error begins with the system's error code, also if it comes from another thread. */
const isFull = (error: unknown): boolean => /^(ENOSPC|EDQUOT)\b/.test((error as Error).message)

/** A block of it in memory. Random, because some file systems store zeros without using space. */
const BLOCK_LENGTH = 256 * 1024
