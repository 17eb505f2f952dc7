import type { Files } from './disk/files.js'

/**
 * `-e FILE` in memcached's terms: beside the file stands FILE.meta while no server runs that ended in order. One that is
 * not ours keeps the server from starting. It goes once its items are back.
 */
export class MemoryFile {
  private readonly files: Files
  private readonly path: string

  constructor(files: Files, file: string) {
    this.files = files
    this.path = `${file}.meta`
  }

  /** Throws a sentence when what stands there is not what we left. */
  check(): void {
    const text = this.files.readText(this.path)
    if (text !== undefined && text !== CONTENT)
      throw new Error(`${this.path}: not left by keepcached; remove it to go on without its items`)
  }

  /** The items are back. */
  taken(): Promise<void> {
    return this.files.remove(this.path)
  }

  /** The items have been saved. */
  async leave(): Promise<void> {
    await this.files.remove(this.path)
    this.files.writeText(this.path, CONTENT)
  }
}

const CONTENT =
  'keepcached keeps the items of this file in the directory of the same name that ends in .data\n'
