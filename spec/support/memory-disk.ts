import { dirname } from 'node:path'
import type { AppendFile, Done, Files, ReadFile } from '../../lib/journal/disk/files.js'
import { SmallFiles } from './small-files.js'

/** The operations of a disk, in order. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly inode: number }
  | { readonly kind: 'write'; readonly inode: number; readonly start: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: number; readonly length: number }
  | { readonly kind: 'sync'; readonly inode: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'syncDirectory'; readonly directory: string }

/** Whether an operation gives a complete snapshot its name. */
export const namesSnapshot = (operation: Operation | undefined): boolean =>
  operation?.kind === 'rename' && operation.to.includes('/snapshot-')

/** A fault: the system's error code, or how many bytes are written. */
export type Fault = { readonly code: string } | { readonly takes: number }

/**
 * A disk in memory that records every operation, so that every state can be made in which a loss of power could
 * have left it. It can be full, broken, or slow.
 */
export class MemoryDisk extends SmallFiles implements Files {
  readonly trace: Operation[] = []
  /** Asked before each operation, by its number. */
  faultAt: (number: number, kind: Operation['kind'], operation: Operation) => Fault | undefined = () =>
    undefined
  operationCount = 0
  /** Files that were opened and not closed. */
  openCount = 0
  /** How many bytes were read from files that were opened. */
  readLength = 0
  /** The total bytes that its files may have. */
  capacity = Number.POSITIVE_INFINITY
  /** Operations in another thread wait until `goOn`. */
  isSlow = false
  /** The next sync waits until `goOn`, and nothing else. */
  isNextSyncSlow = false
  private waiting: (() => void)[] = []
  private readonly entries = new Map<string, number>()
  private readonly contents = new Map<number, Buffer>()
  /** Longer than their contents, and not shared. */
  private readonly rooms = new Map<number, Buffer>()
  private nextInode = 1
  /** The contents before the first operation. */
  private before: { entries: Map<string, number>; contents: Map<number, Buffer> } = {
    entries: new Map(),
    contents: new Map(),
  }

  // ─── calls from specs ──────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The disk as it may be found after a loss of power after the first `count` operations. Of what was not synced,
   * it has what `isKept` selects, by the number of its operation.
   */
  afterPowerLoss(count: number, isKept: (number: number) => boolean): MemoryDisk {
    const disk = new MemoryDisk()
    for (const [path, inode] of this.before.entries) disk.entries.set(path, inode)
    for (const [inode, bytes] of this.before.contents) disk.contents.set(inode, bytes)
    const past = this.trace.slice(0, count)
    past.forEach((operation, number) => {
      if (isKept(number) || past.slice(number).some((later) => secures(later, operation)))
        disk.redo(operation)
    })
    disk.nextInode = this.nextInode
    disk.settle()
    return disk
  }

  /** The disk as it is found after a kill: everything that was written is there. */
  afterKill(count = this.trace.length): MemoryDisk {
    return this.afterPowerLoss(count, () => true)
  }

  contentOf(path: string): Buffer {
    return this.contents.get(this.entries.get(path) ?? 0) ?? Buffer.alloc(0)
  }

  /** Creates a file, or replaces its bytes. */
  put(path: string, bytes: Buffer): void {
    if (!this.entries.has(path)) this.redo({ kind: 'create', path, inode: this.nextInode++ })
    this.contents.set(this.entries.get(path)!, Buffer.from(bytes))
    this.settle()
  }

  private settle(): void {
    this.rooms.clear()
    this.before = { entries: new Map(this.entries), contents: new Map(this.contents) }
  }

  /** Runs waiting operations, and all later ones. */
  goOn(): void {
    this.isSlow = false
    for (const action of this.waiting.splice(0)) action()
  }

  get waitingCount(): number {
    return this.waiting.length
  }

  // ─── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  list(directory: string): string[] {
    return this.namesIn(directory, this.entries.keys())
  }

  async create(path: string): Promise<AppendFile> {
    if (this.entries.has(path)) throw errorOf('EEXIST')
    const inode = this.nextInode++
    this.perform({ kind: 'create', path, inode })
    return new MemoryFile(this, inode)
  }

  async append(path: string): Promise<AppendFile> {
    const inode = this.entries.get(path)
    if (inode === undefined) throw errorOf('ENOENT')
    return new MemoryFile(this, inode)
  }

  open(path: string): ReadFile {
    const inode = this.entries.get(path)
    if (inode === undefined) throw errorOf('ENOENT')
    const bytes = this.contents.get(inode)!
    this.openCount++
    return {
      length: bytes.length,
      read: (target, start, length, position) => {
        const read = bytes.subarray(position, position + length)
        target.set(read, start)
        this.readLength += read.length
        return read.length
      },
      close: () => void this.openCount--,
    }
  }

  async rename(from: string, to: string): Promise<void> {
    if (this.renameSmall(from, to)) return
    this.perform({ kind: 'rename', from, to })
  }

  async remove(path: string): Promise<void> {
    if (!this.removeSmall(path) && this.entries.has(path)) this.perform({ kind: 'remove', path })
  }

  truncate(path: string, length: number): void {
    const inode = this.entries.get(path)!
    this.perform({ kind: 'truncate', inode, length })
    this.perform({ kind: 'sync', inode })
  }

  freeLength(): number {
    let used = 0
    for (const inode of this.entries.values()) used += this.lengthOf(inode)
    return Math.max(0, this.capacity - used)
  }

  async syncDirectory(directory: string): Promise<void> {
    this.perform({ kind: 'syncDirectory', directory })
  }

  // ─── operations ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Executes an operation, unless it fails. Returns how many bytes it wrote. */
  perform(operation: Operation): number {
    const fault = this.faultAt(this.operationCount++, operation.kind, operation) ?? this.fullness(operation)
    if (fault !== undefined && 'code' in fault) throw errorOf(fault.code)
    if (operation.kind !== 'write') {
      this.trace.push(operation)
      this.redo(operation)
      return 0
    }
    const bytes = fault === undefined ? operation.bytes : operation.bytes.subarray(0, fault.takes)
    const taken = { ...operation, bytes: Buffer.from(bytes) }
    this.trace.push(taken)
    this.redo(taken)
    return bytes.length
  }

  private fullness(operation: Operation): Fault | undefined {
    if (operation.kind !== 'write') return undefined
    const freeLength = this.freeLength()
    if (operation.bytes.length <= freeLength) return undefined
    return freeLength === 0 ? { code: 'ENOSPC' } : { takes: freeLength }
  }

  later(action: () => void, isSync = false): void {
    const waits = this.isSlow || (isSync && this.isNextSyncSlow)
    if (isSync) this.isNextSyncSlow = false
    if (waits) this.waiting.push(action)
    else setImmediate(action)
  }

  lengthOf(inode: number): number {
    return this.contents.get(inode)?.length ?? 0
  }

  /** Lets a file grow without being copied each time. */
  private roomFor(inode: number, before: Buffer, start: number, length: number): Buffer {
    const present = this.rooms.get(inode)
    if (present !== undefined && start >= before.length && length <= present.length) return present
    const room = Buffer.alloc(2 * length)
    before.copy(room)
    this.rooms.set(inode, room)
    return room
  }

  private redo(operation: Operation): void {
    switch (operation.kind) {
      case 'create':
        this.entries.set(operation.path, operation.inode)
        if (!this.contents.has(operation.inode)) this.contents.set(operation.inode, Buffer.alloc(0))
        break
      case 'write': {
        const { inode, start, bytes } = operation
        const before = this.contents.get(inode) ?? Buffer.alloc(0)
        const length = Math.max(before.length, start + bytes.length)
        const room = this.roomFor(inode, before, start, length)
        bytes.copy(room, start)
        this.contents.set(inode, room.subarray(0, length))
        break
      }
      case 'truncate':
        this.rooms.delete(operation.inode)
        this.contents.set(operation.inode, this.contents.get(operation.inode)!.subarray(0, operation.length))
        break
      case 'rename': {
        const inode = this.entries.get(operation.from)
        if (inode === undefined) break
        this.entries.delete(operation.from)
        this.entries.set(operation.to, inode)
        break
      }
      case 'remove':
        this.entries.delete(operation.path)
        break
      default:
    }
  }
}

class MemoryFile implements AppendFile {
  private readonly disk: MemoryDisk
  private readonly inode: number
  private isClosed = false

  constructor(disk: MemoryDisk, inode: number) {
    this.disk = disk
    this.inode = inode
    disk.openCount++
  }

  writeSync(bytes: Uint8Array): number {
    if (this.isClosed) throw errorOf('EBADF')
    const { disk, inode } = this
    return disk.perform({ kind: 'write', inode, start: disk.lengthOf(inode), bytes: Buffer.from(bytes) })
  }

  write(pieces: readonly Uint8Array[], done: (error: Error | null, length: number) => void): void {
    this.disk.later(() => {
      let length: number
      try {
        length = this.writeSync(Buffer.concat(pieces))
      } catch (error) {
        done(error as Error, 0)
        return
      }
      done(null, length)
    })
  }

  sync(done: Done): void {
    this.disk.later(() => {
      try {
        this.syncNow()
      } catch (error) {
        done(error as Error)
        return
      }
      done(null)
    }, true)
  }

  syncNow(): void {
    if (this.isClosed) throw errorOf('EBADF')
    this.disk.perform({ kind: 'sync', inode: this.inode })
  }

  close(): void {
    if (this.isClosed) throw errorOf('EBADF')
    this.isClosed = true
    this.disk.openCount--
  }
}

/** Whether an operation makes an earlier one survive a loss of power. */
function secures(later: Operation, earlier: Operation): boolean {
  if (earlier.kind === 'write' || earlier.kind === 'truncate') {
    return later.kind === 'sync' && later.inode === earlier.inode
  }
  if (later.kind !== 'syncDirectory') return false
  if (earlier.kind === 'create' || earlier.kind === 'remove') return dirname(earlier.path) === later.directory
  return earlier.kind === 'rename' && dirname(earlier.to) === later.directory
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: as if`), { code })
}
