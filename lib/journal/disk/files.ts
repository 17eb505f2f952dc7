import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { type ListeningSocket, listen, type SocketState, socketStateAt } from './disk-sockets.js'

/**
 * What journals and snapshots need from a disk. Apart from the file for sockets, no other file of this folder uses `node:fs`.
 * So a spec can replace the disk with one that is full, that lies, or that loses what was not synced.
 */
export interface Files {
  /** The names in a directory. */
  list(directory: string): string[]
  /** Makes a directory and its parents; it may exist. */
  makeDirectory(directory: string): void
  /** A new file to append to. Fails if the name exists. */
  create(path: string): Promise<AppendFile>
  /** An existing file, to append to. */
  append(path: string): Promise<AppendFile>
  open(path: string): ReadFile
  /** The whole of a small file; undefined if there is none. */
  readText(path: string): string | undefined
  /** Writes a small file. False if it already exists. */
  writeText(path: string, text: string): boolean
  rename(from: string, to: string): Promise<void>
  /** Removes a file; it may be missing. */
  remove(path: string): Promise<void>
  /** Cuts a file off, on disk too. */
  truncate(path: string, length: number): void
  /** Free bytes of its disk; infinite if the disk cannot say. */
  freeLength(directory: string): number
  /** Syncs a directory: its creations, renames and removals are then on disk. */
  syncDirectory(directory: string): Promise<void>
  /** The identity of the file or directory at a path; undefined if there is none. */
  identityOf(path: string): Promise<string | undefined>
  /** The same; while it is held, no later file gets that identity. */
  hold(path: string): Promise<HeldFile | undefined>
  /** A new listening socket. Undefined if there can be none. */
  listen(path: string): Promise<ListeningSocket | undefined>
  /** Whether a process listens at a path. */
  socketStateAt(path: string): Promise<SocketState>
}

export type Done = (error: Error | null) => void

/** A file that grows. Writes are in order: the next one begins when the one before is done. */
export interface AppendFile {
  /** Returns how many bytes were written: not always all. */
  writeSync(bytes: Uint8Array): number
  /** The same, in another thread. */
  write(pieces: readonly Uint8Array[], done: (error: Error | null, length: number) => void): void
  /** Syncs: everything written survives a loss of power. */
  sync(done: Done): void
  syncNow(): void
  close(): void
}

export interface HeldFile {
  readonly identity: string
  release(): void
}

export interface ReadFile {
  readonly length: number
  /** Returns how many bytes were read: 0 at the end. */
  read(target: Uint8Array, start: number, length: number, position: number): number
  close(): void
}

export const diskFiles: Files = {
  list: (directory) => fs.readdirSync(directory),
  makeDirectory,
  create: async (path) => new DiskAppendFile(await opened(path, 'ax'), path),
  append: async (path) => new DiskAppendFile(await opened(path, 'a'), path),
  open: (path) => new DiskReadFile(fs.openSync(path, 'r'), path),
  readText: (path) => unless('ENOENT', () => naming(path, () => fs.readFileSync(path, 'utf8'))),
  writeText: (path, text) =>
    unless('EEXIST', () =>
      naming(path, () => {
        fs.writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
        return true
      }),
    ) ?? false,
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (path) => fs.promises.rm(path, { force: true }),
  truncate(path, length) {
    const descriptor = fs.openSync(path, 'r+')
    try {
      naming(path, () => {
        fs.ftruncateSync(descriptor, length)
        fs.fsyncSync(descriptor)
      })
    } finally {
      fs.closeSync(descriptor)
    }
  },
  freeLength(directory) {
    try {
      const { blocks, bavail, bsize } = fs.statfsSync(directory)
      return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize
    } catch {
      return Number.POSITIVE_INFINITY
    }
  },
  async syncDirectory(directory) {
    const handle = await fs.promises.open(directory, 'r')
    try {
      await handle.sync()
    } catch (error) {
      throw named(error, directory)
    } finally {
      await handle.close()
    }
  },
  identityOf: (path) => unlessMissing(async () => identityIn(await fs.promises.stat(path, { bigint: true }))),
  hold: (path) =>
    unlessMissing(async () => {
      const descriptor = await opened(path, 'r')
      const identity = identityIn(fs.fstatSync(descriptor, { bigint: true }))
      return { identity, release: () => fs.closeSync(descriptor) }
    }),
  listen,
  socketStateAt,
}

/** Not by Node's `recursive`: in a directory such as /proc, where nothing can be created, that would loop for ever. */
function makeDirectory(directory: string): void {
  try {
    makeOne(directory)
  } catch (error) {
    const above = dirname(directory)
    const isParentMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && !fs.existsSync(above)
    if (!isParentMissing || above === directory) throw error
    makeDirectory(above)
    makeOne(directory)
  }
}

/** Another server may have made it meanwhile. */
function makeOne(directory: string): void {
  try {
    fs.mkdirSync(directory, DIRECTORY_MODE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // Throws the system's error if it is not a directory.
    fs.opendirSync(directory).closeSync()
  }
}

const DIRECTORY_MODE = 0o700

const identityIn = ({ dev, ino }: fs.BigIntStats): string => `${dev}:${ino}`

class DiskAppendFile implements AppendFile {
  private readonly descriptor: number
  private readonly path: string

  constructor(descriptor: number, path: string) {
    this.descriptor = descriptor
    this.path = path
  }

  writeSync(bytes: Uint8Array): number {
    try {
      return fs.writeSync(this.descriptor, bytes)
    } catch (error) {
      throw named(error, this.path)
    }
  }

  write(pieces: readonly Uint8Array[], done: (error: Error | null, length: number) => void): void {
    const [first] = pieces
    const written = (error: Error | null, length: number) => done(error && named(error, this.path), length)
    if (pieces.length === 1 && first !== undefined) fs.write(this.descriptor, first, written)
    else fs.writev(this.descriptor, pieces, written)
  }

  sync(done: Done): void {
    fs.fdatasync(this.descriptor, (error) => done(error && named(error, this.path)))
  }

  syncNow(): void {
    naming(this.path, () => fs.fdatasyncSync(this.descriptor))
  }

  close(): void {
    naming(this.path, () => fs.closeSync(this.descriptor))
  }
}

class DiskReadFile implements ReadFile {
  readonly length: number
  private readonly descriptor: number
  private readonly path: string

  constructor(descriptor: number, path: string) {
    this.descriptor = descriptor
    this.path = path
    this.length = fs.fstatSync(descriptor).size
  }

  read(target: Uint8Array, start: number, length: number, position: number): number {
    return naming(this.path, () => fs.readSync(this.descriptor, target, start, length, position))
  }

  close(): void {
    fs.closeSync(this.descriptor)
  }
}

const opened = (path: string, flags: string): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.open(path, flags, 0o600, (error, descriptor) => (error ? reject(error) : resolve(descriptor)))
  })

function unless<Value>(code: string, attempt: () => Value): Value | undefined {
  try {
    return attempt()
  } catch (error) {
    if (codeOf(error) === code) return undefined
    throw error
  }
}

async function unlessMissing<Value>(attempt: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await attempt()
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** Adds the name of the file to an error. */
function naming<Value>(path: string, attempt: () => Value): Value {
  try {
    return attempt()
  } catch (error) {
    throw named(error, path)
  }
}

/** Node adds the path of a call that has one, but not the file of a descriptor. */
function named(error: unknown, path: string): Error {
  const named = error as NodeJS.ErrnoException
  if (named.path === undefined) {
    named.path = path
    named.message += ` '${path}'`
  }
  return named
}

/** The error code of the system, such as ENOSPC. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code

/** The places of a data directory. */
export const pathIn = join
