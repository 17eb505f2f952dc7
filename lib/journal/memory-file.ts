import type { Files } from './disk/files.js'

/**
 * `-e FILE` as in memcached: FILE.meta exists beside the file while no server runs, after a clean end. If it is
 * foreign, the server does not start. It is removed once its items are restored.
 */
export class MemoryFile {
  private readonly files: Files
  private readonly path: string

  constructor(files: Files, file: string) {
    this.files = files
    this.path = `${file}.meta`
  }

  /** Throws a sentence if the file is not what keepcached left. */
  check(): void {
    const text = this.files.readText(this.path)
    if (text !== undefined && text !== CONTENT)
      throw new Error(`${this.path}: not left by keepcached; remove it to start without its items`)
  }

  /** The items were restored. */
  taken(): Promise<void> {
    return this.files.remove(this.path)
  }

  /** The items were saved. */
  async leave(): Promise<void> {
    await this.files.remove(this.path)
    this.files.writeText(this.path, CONTENT)
  }
}

const CONTENT =
  'keepcached keeps the items of this file in the directory of the same name that ends in .data\n'
