import { type AppendFile, codeOf, type Done, type Files, pathIn } from '../disk/files.js'
import { encodeFileHeader, type FileHeader } from '../format/file-header.js'
import { encodeFrame } from '../format/frame.js'

/** A journal or a snapshot that is being written: all bytes are written, or an error is returned. */
export class JournalFile {
  readonly name: string
  readonly seed: number
  /** Bytes written, and bytes known to be on disk. */
  length = 0
  durableLength = 0
  private readonly file: AppendFile
  private readonly path: string
  /** Operations in another thread: until they are done, the file cannot be closed. */
  private pendingCount = 0
  private isRetired = false
  private isClosed = false

  private constructor(file: AppendFile, name: string, path: string, seed: number) {
    this.file = file
    this.name = name
    this.path = path
    this.seed = seed
  }

  /** A new file with its header and one frame. All of that is on disk when the promise resolves. */
  static async create(
    files: Files,
    directory: string,
    name: string,
    header: FileHeader,
    firstBody: Buffer,
  ): Promise<JournalFile> {
    const path = pathIn(directory, name)
    const created = new JournalFile(await files.create(path), name, path, header.seed)
    try {
      const pieces = [encodeFileHeader(header), encodeFrame(firstBody, header.seed)]
      await settled((done) => created.write(pieces, done))
      await settled((done) => created.sync(done))
      await files.syncDirectory(directory)
      return created
    } catch (error) {
      created.retire()
      await files.remove(path).catch(() => undefined)
      throw error
    }
  }

  /** An existing file, all of it on disk. */
  static async open(files: Files, directory: string, name: string, seed: number, length: number) {
    const path = pathIn(directory, name)
    const opened = new JournalFile(await files.append(path), name, path, seed)
    opened.length = length
    opened.durableLength = length
    return opened
  }

  writeNow(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      const rest = done === 0 ? bytes : bytes.subarray(done)
      const written = retrying(() => this.file.writeSync(rest))
      if (written === 0) throw this.nothingTaken()
      done += written
    }
    this.length += bytes.length
  }

  /** The same, in another thread. */
  write(pieces: readonly Buffer[], done: Done): void {
    this.pendingCount++
    this.file.write(pieces, (error, length) => {
      this.pendingCount--
      this.closeIfDone()
      if (isInterruption(error)) this.write(pieces, done)
      else if (error) done(error)
      else if (length === 0) done(this.nothingTaken())
      else this.goOn(pieces, length, done)
    })
  }

  sync(done: Done): void {
    const { length } = this
    this.pendingCount++
    this.file.sync((error) => {
      this.pendingCount--
      if (!error) this.durableLength = length
      this.closeIfDone()
      done(error)
    })
  }

  syncNow(): void {
    this.file.syncNow()
    this.durableLength = this.length
  }

  /** No more calls will follow. */
  retire(): void {
    this.isRetired = true
    this.closeIfDone()
  }

  private goOn(pieces: readonly Buffer[], length: number, done: Done): void {
    this.length += length
    const rest = behind(pieces, length)
    if (rest.length === 0) done(null)
    else this.write(rest, done)
  }

  private nothingTaken(): Error {
    return new Error(`${this.path}: the disk took nothing`)
  }

  private closeIfDone(): void {
    if (!this.isRetired || this.isClosed || this.pendingCount > 0) return
    this.isClosed = true
    try {
      this.file.close()
    } catch {
      // It was synced, or had failed before: nothing more can be lost.
    }
  }
}

/** The pieces without their first bytes. */
function behind(pieces: readonly Buffer[], length: number): Buffer[] {
  const rest: Buffer[] = []
  let skipped = length
  for (const piece of pieces) {
    if (skipped < piece.length) rest.push(skipped === 0 ? piece : piece.subarray(skipped))
    skipped = Math.max(0, skipped - piece.length)
  }
  return rest
}

/** A promise for a callback. */
export const settled = (start: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))

/** Repeats a call that a signal has interrupted. */
function retrying(call: () => number): number {
  for (let tries = 1; ; tries++) {
    try {
      return call()
    } catch (error) {
      if (!isInterruption(error) || tries === TRIES_MAX) throw error
    }
  }
}

const isInterruption = (error: unknown): boolean => codeOf(error) === 'EINTR' || codeOf(error) === 'EAGAIN'

const TRIES_MAX = 100
