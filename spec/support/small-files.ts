import { dirname } from 'node:path'
import type { ListeningSocket, SocketState } from '../../lib/journal/disk/disk-sockets.js'
import type { Files, HeldFile } from '../../lib/journal/disk/files.js'

interface SmallFile {
  readonly identity: string
  readonly text: string
  /** It is a socket, and its process is alive. */
  isListening: boolean
}

type SmallFilesCalls = Pick<
  Files,
  'makeDirectory' | 'readText' | 'writeText' | 'identityOf' | 'hold' | 'listen' | 'socketStateAt'
>

/**
 * Common to disks in memory: the files that a loss of power does not affect. They are those of the lock of a directory,
 * which need not survive one.
 */
export class SmallFiles implements SmallFilesCalls {
  /** Whether the file system has sockets. */
  hasSockets = true
  private readonly files = new Map<string, SmallFile>()
  /** The identity of each. */
  private readonly directories = new Map<string, string>()
  private nextNumber = 1

  /** The names of these files in a directory, and of others there. */
  protected namesIn(directory: string, otherPaths: Iterable<string>): string[] {
    const paths = [...otherPaths, ...this.files.keys()]
    return paths.filter((path) => dirname(path) === directory).map((path) => path.slice(directory.length + 1))
  }

  /** All processes that listen have ended. */
  endProcesses(): void {
    for (const file of this.files.values()) file.isListening = false
  }

  makeDirectory(directory: string): void {
    if (!this.directories.has(directory)) this.directories.set(directory, `${this.nextNumber++}`)
  }

  protected hasDirectory(directory: string): boolean {
    return this.directories.has(directory)
  }

  /** Deletes or moves a directory with the files in it. Returns a function that moves it back, in place of what is there. */
  protected takeSmall(directory: string): () => void {
    const identity = this.directories.get(directory)
    const taken = [...this.files].filter(([path]) => dirname(path) === directory)
    this.dropSmall(directory)
    return () => {
      this.dropSmall(directory)
      if (identity !== undefined) this.directories.set(directory, identity)
      for (const [path, file] of taken) this.files.set(path, file)
    }
  }

  private dropSmall(directory: string): void {
    this.directories.delete(directory)
    for (const path of [...this.files.keys()]) if (dirname(path) === directory) this.files.delete(path)
  }

  readText(path: string): string | undefined {
    return this.files.get(path)?.text
  }

  writeText(path: string, text: string): boolean {
    if (this.files.has(path)) return false
    this.add(path, text, false)
    return true
  }

  /** False when there is no such file. */
  protected renameSmall(from: string, to: string): boolean {
    const file = this.files.get(from)
    if (file === undefined) return false
    this.files.delete(from)
    this.files.set(to, file)
    return true
  }

  /** False when there is no such file. */
  protected removeSmall(path: string): boolean {
    return this.files.delete(path)
  }

  async identityOf(path: string): Promise<string | undefined> {
    return this.directories.get(path) ?? this.files.get(path)?.identity
  }

  async hold(path: string): Promise<HeldFile | undefined> {
    const identity = await this.identityOf(path)
    return identity === undefined ? undefined : { identity, release: () => undefined }
  }

  async listen(path: string): Promise<ListeningSocket | undefined> {
    if (!this.hasSockets || !this.directories.has(dirname(path))) return undefined
    const file = this.add(path, '', true)
    return {
      close: async () => {
        file.isListening = false
      },
    }
  }

  async socketStateAt(path: string): Promise<SocketState> {
    const file = this.files.get(path)
    if (file === undefined) return 'missing'
    return file.isListening ? 'listening' : 'dead'
  }

  private add(path: string, text: string, isListening: boolean): SmallFile {
    const file = { identity: `${this.nextNumber++}`, text, isListening }
    this.files.set(path, file)
    return file
  }
}
