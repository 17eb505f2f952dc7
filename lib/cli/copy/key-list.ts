import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reasonOf } from '../../journal/disk/system-error.js'
import { Refusal } from '../arguments/refusal.js'
import { ExitCode } from '../exit-codes.js'

/** A key of the list. */
export interface ListedKey {
  /** As the server has listed it: percent-encoded. */
  readonly name: string
  /** Bytes of the whole item, by the server's measure. */
  readonly size: number
  /** Where it begins in the file. */
  readonly place: number
}

/** How far a copy is. */
interface State {
  /** Where the first key begins that is not done; 0 until the list is complete. */
  place: number
  doneCount: number
  totalCount: number
}

/**
 * The keys to copy, in a file, so that a server lists them at full speed however slowly they are copied, and so that an
 * interrupted copy continues:
 *
 *     keepcached copy 1 {"from":…}           which copy it belongs to
 *     0000000000000123 … 0000000000000456    place, keys done, keys in all
 *     KEY SIZE                               a line for each key
 */
export class KeyList {
  private readonly file: FileHandle
  private readonly path: string
  /** The folder of a list that is not kept. */
  private readonly folder: string | undefined
  private readonly stateStart: number
  private readonly state: State
  private pending: string[] = []
  private pendingLength = 0
  private end: number

  private constructor(
    file: FileHandle,
    path: string,
    folder: string | undefined,
    head: string,
    state: State,
  ) {
    this.file = file
    this.path = path
    this.folder = folder
    this.stateStart = Buffer.byteLength(head)
    this.end = this.keysStart
    this.state = state
  }

  /** A list that ends with this process. */
  static async temporary(): Promise<KeyList> {
    const folder = await mkdtemp(join(tmpdir(), 'keepcached-copy-'))
    return KeyList.create(join(folder, 'keys'), headOf(''), folder)
  }

  /** The list in a file: that of an earlier run of the same copy, or an empty one. */
  static async kept(path: string, copy: string): Promise<KeyList> {
    try {
      const head = headOf(copy)
      return (await KeyList.read(path, head)) ?? (await KeyList.create(path, head, undefined))
    } catch (error) {
      if (error instanceof Refusal) throw error
      throw new Refusal(ExitCode.NO_INPUT, `--resume: ${path} cannot be used: ${reasonOf(error)}`)
    }
  }

  get isComplete(): boolean {
    return this.state.place > 0
  }

  get doneCount(): number {
    return this.state.doneCount
  }

  get totalCount(): number {
    return this.state.totalCount
  }

  /** Forgets what was listed: an attempt to list has failed. */
  async clear(): Promise<void> {
    this.pending = []
    this.pendingLength = 0
    this.state.totalCount = 0
    this.end = this.keysStart
    await this.file.truncate(this.end)
  }

  async add(name: string, size: number): Promise<void> {
    const line = `${name} ${size}\n`
    this.state.totalCount++
    this.pending.push(line)
    this.pendingLength += line.length
    if (this.pendingLength >= CHUNK_LENGTH) await this.write()
  }

  async complete(): Promise<void> {
    await this.write()
    await this.file.datasync()
    await this.saveProgress(this.keysStart, 0)
  }

  /** The keys that are not done. */
  async *keys(): AsyncGenerator<ListedKey, void, void> {
    const chunk = Buffer.alloc(CHUNK_LENGTH)
    let place = this.state.place
    let rest = ''
    for (let at = place; ; ) {
      const { bytesRead } = await this.file.read(chunk, 0, CHUNK_LENGTH, at)
      if (bytesRead === 0) return
      at += bytesRead
      const lines = (rest + chunk.toString('latin1', 0, bytesRead)).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const blank = line.indexOf(' ')
        yield { name: line.slice(0, blank), size: Number(line.slice(blank + 1)), place }
        place += line.length + 1
      }
    }
  }

  /** A place of undefined: all keys are done. */
  async saveProgress(place: number | undefined, doneCount: number): Promise<void> {
    this.state.place = place ?? this.end
    this.state.doneCount = doneCount
    await this.file.write(stateText(this.state), this.stateStart, 'latin1')
  }

  /** `isDone`: nothing is left to resume. */
  async close(isDone: boolean): Promise<void> {
    await this.file.close()
    if (this.folder !== undefined) await rm(this.folder, { recursive: true })
    else if (isDone) await rm(this.path)
  }

  private get keysStart(): number {
    return this.stateStart + STATE_LENGTH
  }

  private async write(): Promise<void> {
    const bytes = Buffer.from(this.pending.join(''), 'latin1')
    this.pending = []
    this.pendingLength = 0
    for (let sent = 0; sent < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, sent, bytes.length - sent, this.end + sent)
      sent += bytesWritten
    }
    this.end += bytes.length
  }

  private static async create(path: string, head: string, folder: string | undefined): Promise<KeyList> {
    const file = await open(path, 'w+', OWNER_ONLY)
    const state = { place: 0, doneCount: 0, totalCount: 0 }
    await file.write(head + stateText(state), 0, 'utf8')
    return new KeyList(file, path, folder, head, state)
  }

  /** Undefined if there is no such file, or its list is not complete. */
  private static async read(path: string, head: string): Promise<KeyList | undefined> {
    const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (file === undefined) return undefined
    const length = Buffer.byteLength(head)
    const chunk = Buffer.alloc(length + STATE_LENGTH)
    const { bytesRead } = await file.read(chunk, 0, chunk.length, 0)
    const { size } = await file.stat()
    const state = STATE.exec(chunk.toString('latin1', length))
    const isOurs = bytesRead === chunk.length && chunk.toString('utf8', 0, length) === head && state !== null
    if (!isOurs) await file.close()
    if (!isOurs && size > 0)
      throw new Refusal(ExitCode.NO_INPUT, `--resume: ${path} belongs to another copy, or is no such file`)
    if (!isOurs) return undefined
    const [place, doneCount, totalCount] = state.slice(1).map(Number) as [number, number, number]
    const list = new KeyList(file, path, undefined, head, { place, doneCount, totalCount })
    list.end = size
    if (place > 0) return list
    await file.close()
    return undefined
  }
}

const headOf = (copy: string): string => `keepcached copy 1 ${copy}\n`

const stateText = ({ place, doneCount, totalCount }: State): string =>
  `${[place, doneCount, totalCount].map((number) => `${number}`.padStart(DIGIT_COUNT, '0')).join(' ')}\n`

const DIGIT_COUNT = 16
const STATE_LENGTH = 3 * (DIGIT_COUNT + 1)
const STATE = /^(\d{16}) (\d{16}) (\d{16})\n$/
const CHUNK_LENGTH = 64 * 1024
/** Keys may be secrets. */
const OWNER_ONLY = 0o600
