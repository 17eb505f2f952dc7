import { dirname } from 'node:path'
import type { AppendFile, Done, Files, ReadFile } from '../../lib/journal/disk/files.js'
import type { Random } from '../support/random.js'
import { SmallFiles } from '../support/small-files.js'
import { Loss, SimulatedFile } from './simulated-file.js'

export type Call = 'create' | 'write' | 'sync' | 'rename' | 'remove' | 'syncDirectory' | 'truncate'

/** A fault: the system's error code, or the share of the bytes that is written. */
export type Fault = { readonly code: string } | { readonly share: number }

/** A change of a directory that a loss of power may undo until the directory is synced. */
type Entry =
  | { readonly kind: 'create'; readonly path: string; readonly file: SimulatedFile }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }

export interface NameChange {
  readonly kind: Entry['kind']
  /** The new path. */
  readonly path: string
}

interface Waiting {
  /** Calls with the same subject are executed in the order in which they were made. */
  readonly about: object
  /** It changes names in a directory. */
  readonly isOfNames: boolean
  /** What the system does, and what the process does when it completes. */
  readonly perform: () => void
  readonly tell: (error: Error | null) => void
}

/**
 * A disk that executes the work of other threads only when told to, and that can be full, broken, and without
 * power. Its contents outlive the process.
 */
export class SimulatedDisk extends SmallFiles implements Files {
  /** Asked before each call that changes something. */
  faultOf: (call: Call) => Fault | undefined = () => undefined
  /** Called when it is full. */
  onFull: (call: Call) => void = () => undefined
  /** Its size in bytes, and how much of it other programs have written. */
  capacity = Number.POSITIVE_INFINITY
  othersLength = 0
  /** Bytes that were written to it, ever. */
  writtenLength = 0
  /** Told of each change of the names in a directory, once it is made. */
  onNamed: (change: NameChange) => void = () => undefined
  /** Changes of names are slow: none of them is executed. */
  holdsNames = false
  /** A loss of power is more likely to leave what is hard to tell from damage. */
  isCunning = false
  /** Asked after each write that the process waits for. */
  onWrite: () => void = () => undefined
  private waiting: Waiting[] = []
  private entries = new Map<string, SimulatedFile>()
  /** The synced state, and the operations since. */
  private securedEntries = new Map<string, SimulatedFile>()
  private unsyncedEntries: Entry[] = []

  // ─── calls from the simulation ─────────────────────────────────────────────────────────────────────────────────────

  get waitingCount(): number {
    return this.waiting.length
  }

  /** A file is renamed, and a loss of power may undo that. */
  get hasUnsyncedName(): boolean {
    return this.unsyncedEntries.some(({ kind }) => kind === 'rename')
  }

  /** Bytes of all files. */
  get usedLength(): number {
    let length = 0
    for (const file of this.entries.values()) length += file.length
    return length
  }

  /** The length of a file; 0 of one that is not there. */
  lengthOf(path: string): number {
    return this.entries.get(path)?.length ?? 0
  }

  /** A directory is deleted or moved: open files stay open. Returns a function that moves it back, in place of what is there. */
  takeDirectory(directory: string): () => void {
    const { entries, securedEntries, unsyncedEntries } = this
    const bringBack = this.takeSmall(directory)
    this.forgetEntries()
    return () => {
      bringBack()
      Object.assign(this, { entries, securedEntries, unsyncedEntries })
    }
  }

  /** Empties the disk. */
  private forgetEntries(): void {
    this.entries = new Map()
    this.settle()
  }

  /** Cuts off the end of a file. Returns a function that restores it. */
  shorten(path: string, random: Random): () => void {
    const file = this.fileAt(path)
    const { length } = file
    file.length = random.below(length)
    return () => {
      file.length = length
    }
  }

  /** Executes one of the waiting calls. */
  proceed(random: Random): void {
    const ready = this.holdsNames ? this.waiting.filter(({ isOfNames }) => !isOfNames) : this.waiting
    if (ready.length === 0) return
    const { about } = random.pick(ready)
    const index = this.waiting.findIndex((waiting) => waiting.about === about)
    const [next] = this.waiting.splice(index, 1)
    next!.tell(errorIn(next!.perform))
  }

  /** The process is killed: calls under way are executed or not, and do not complete. */
  kill(random: Random): void {
    for (const { perform } of this.waiting.splice(0)) if (random.chance(0.5)) errorIn(perform)
    for (const file of this.entries.values()) file.trust()
    this.endProcesses()
  }

  /** The machine stops: what was not synced is lost, or a part of it. */
  losePower(random: Random): void {
    const loss = this.isCunning
      ? random.pick([Loss.SOME, Loss.SECTORS, Loss.HEADERS])
      : random.pick([Loss.NOTHING, Loss.EVERYTHING, Loss.TAIL, Loss.SOME, Loss.SECTORS])
    this.waiting = []
    const before = this.entries
    this.entries = this.entriesLeft(random, loss)
    // Space is free for other files only once a removal is on the disk itself.
    if (this.freeLength() === 0) this.entries = before
    for (const file of this.entries.values()) file.losePower(random, loss)
    this.endProcesses()
    this.settle()
  }

  /** The names after a loss of power. */
  private entriesLeft(random: Random, loss: Loss): Map<string, SimulatedFile> {
    const entries = new Map(this.securedEntries)
    // Only the first change is missing, or each with the same chance.
    const [first, ...others] = this.unsyncedEntries
    const isFirstLost = this.isCunning && random.chance(0.5)
    for (const entry of isFirstLost || first === undefined ? others : [first, ...others])
      if (isFirstLost || loss === Loss.NOTHING || (loss !== Loss.EVERYTHING && random.chance(0.5)))
        enter(entries, entry)
    return entries
  }

  private settle(): void {
    this.securedEntries = new Map(this.entries)
    this.unsyncedEntries = []
  }

  // ─── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  list(directory: string): string[] {
    this.expectDirectory(directory)
    return this.namesIn(directory, this.entries.keys())
  }

  create(path: string): Promise<AppendFile> {
    return this.later('create', () => {
      this.expectDirectory(dirname(path))
      if (this.entries.has(path)) throw errorOf('EEXIST')
      this.fitting('create', 1)
      const file = new SimulatedFile()
      this.change({ kind: 'create', path, file })
      return new OpenFile(this, file)
    })
  }

  append(path: string): Promise<AppendFile> {
    return this.later(undefined, () => new OpenFile(this, this.fileAt(path)))
  }

  open(path: string): ReadFile {
    const file = this.fileAt(path)
    return {
      length: file.length,
      read: (target, start, length, position) => {
        const bytes = file.view(position, position + length)
        target.set(bytes, start)
        return bytes.length
      },
      close: () => undefined,
    }
  }

  rename(from: string, to: string): Promise<void> {
    if (this.renameSmall(from, to)) return Promise.resolve()
    return this.later('rename', () => {
      this.fileAt(from)
      this.change({ kind: 'rename', from, to })
    })
  }

  remove(path: string): Promise<void> {
    if (this.removeSmall(path) || !this.entries.has(path)) return Promise.resolve()
    return this.later('remove', () => this.change({ kind: 'remove', path }))
  }

  truncate(path: string, length: number): void {
    this.check('truncate')
    this.fileAt(path).truncate(length)
  }

  syncDirectory(directory: string): Promise<void> {
    return this.later('syncDirectory', () => {
      this.expectDirectory(directory)
      this.settle()
    })
  }

  override writeText(path: string, text: string): boolean {
    this.expectDirectory(dirname(path))
    this.fitting('create', 1)
    return super.writeText(path, text)
  }

  freeLength(): number {
    return Math.max(0, this.capacity - this.othersLength - this.usedLength)
  }

  // ─── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** In another thread: when the simulation decides. */
  wait(about: object, perform: () => void, tell: (error: Error | null) => void, isOfNames = false): void {
    this.waiting.push({ about, isOfNames, perform, tell })
  }

  /** Fails as the simulation wants. Returns how many of these bytes are written. */
  check(call: Call, length = 0): number {
    const fault = this.faultOf(call)
    if (fault === undefined) return length
    if ('code' in fault) throw errorOf(fault.code)
    return Math.max(1, Math.floor(length * fault.share))
  }

  /** How many of these bytes there is space for. Fails if there is none. */
  fitting(call: Call, length: number): number {
    const fitting = Math.min(length, this.freeLength())
    if (fitting > 0 || length === 0) return fitting
    this.onFull(call)
    throw errorOf('ENOSPC')
  }

  private later<Value>(call: Call | undefined, action: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      let value: Value
      const perform = () => {
        if (call !== undefined) this.check(call)
        value = action()
      }
      this.wait({}, perform, (error) => (error === null ? resolve(value) : reject(error)), true)
    })
  }

  private expectDirectory(directory: string): void {
    if (!this.hasDirectory(directory)) throw errorOf('ENOENT')
  }

  private fileAt(path: string): SimulatedFile {
    const file = this.entries.get(path)
    if (file === undefined) throw errorOf('ENOENT')
    return file
  }

  private change(entry: Entry): void {
    enter(this.entries, entry)
    this.unsyncedEntries.push(entry)
    this.onNamed(entry.kind === 'rename' ? { kind: 'rename', path: entry.to } : entry)
  }
}

class OpenFile implements AppendFile {
  private readonly disk: SimulatedDisk
  private readonly file: SimulatedFile
  private isClosed = false
  /** The next write has what the last one did not write. */
  private wasShort = false

  constructor(disk: SimulatedDisk, file: SimulatedFile) {
    this.disk = disk
    this.file = file
  }

  writeSync(bytes: Uint8Array): number {
    const length = this.take(bytes)
    this.disk.onWrite()
    return length
  }

  write(pieces: readonly Uint8Array[], done: (error: Error | null, length: number) => void): void {
    let length = 0
    const perform = () => {
      length = this.take(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
    }
    this.disk.wait(this.file, perform, (error) => done(error, length))
  }

  sync(done: Done): void {
    const { length } = this.file
    this.disk.wait(this.file, () => this.secure(length), done)
  }

  syncNow(): void {
    this.secure(this.file.length)
  }

  close(): void {
    this.expectOpen()
    this.isClosed = true
  }

  private take(bytes: Uint8Array): number {
    this.expectOpen()
    const length = this.disk.fitting('write', this.disk.check('write', bytes.length))
    this.file.append(length === bytes.length ? bytes : bytes.subarray(0, length), this.wasShort)
    this.wasShort = length < bytes.length
    this.disk.writtenLength += length
    return length
  }

  private secure(length: number): void {
    this.expectOpen()
    try {
      this.disk.check('sync')
    } catch (error) {
      // As on Linux: pages that could not be written count as clean, and no later sync writes them.
      this.file.doubt(length)
      throw error
    }
    this.file.secure(length)
  }

  private expectOpen(): void {
    if (this.isClosed) throw errorOf('EBADF')
  }
}

function enter(entries: Map<string, SimulatedFile>, entry: Entry): void {
  if (entry.kind === 'create') {
    entries.set(entry.path, entry.file)
  } else if (entry.kind === 'remove') {
    entries.delete(entry.path)
  } else {
    const file = entries.get(entry.from)
    if (file === undefined) return
    entries.delete(entry.from)
    entries.set(entry.to, file)
  }
}

function errorIn(action: () => void): Error | null {
  try {
    action()
    return null
  } catch (error) {
    return error as Error
  }
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: as if`), { code })
}
