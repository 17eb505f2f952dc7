import { assertCanGoOn } from './directory.js'
import { DirectoryLock, type DirectoryLockParts } from './directory-lock.js'

/** A directory that a server has locked, and may lose while the server runs. */
export class KeptDirectory {
  /** Why the directory is no longer this server's. */
  loss: Error | undefined = undefined
  private readonly parts: DirectoryLockParts
  private readonly lock: DirectoryLock
  private checking: Promise<void> | undefined = undefined

  private constructor(parts: DirectoryLockParts, lock: DirectoryLock) {
    this.parts = parts
    this.lock = lock
  }

  /** Rejects with a sentence if another process is the owner. */
  static async take(parts: DirectoryLockParts): Promise<KeptDirectory> {
    return new KeptDirectory(parts, await DirectoryLock.take(parts))
  }

  /** Files may get their names only in the directory with this identity. */
  get identity(): string {
    return this.lock.identity
  }

  /** Checks whether the directory is still this server's. Resolves when known; calls `onLost` if it was just lost. */
  check(onLost: (error: Error) => void): Promise<void> {
    if (this.loss !== undefined) return Promise.resolve()
    this.checking ??= this.lock
      .check()
      .catch((error: Error) => {
        this.loss = error
        onLost(error)
      })
      .finally(() => {
        this.checking = undefined
      })
    return this.checking
  }

  /** Whether there is a directory that a server of this generation could take again. */
  async isBack(generation: number): Promise<boolean> {
    const { files, directory } = this.parts
    try {
      const identity = await files.identityOf(directory)
      if (identity === undefined) return false
      assertCanGoOn(files, directory, generation, identity === this.identity)
      return true
    } catch {
      return false
    }
  }

  /** Takes the directory again, if it was lost. Rejects with a sentence if a server of this generation cannot use it. */
  async regain(generation: number): Promise<void> {
    if (this.loss === undefined) return
    const { files, directory } = this.parts
    try {
      await this.lock.retake((isKnown) => assertCanGoOn(files, directory, generation, isKnown))
      this.loss = undefined
    } catch (error) {
      this.loss = error as Error
      throw error
    }
  }

  async release(): Promise<void> {
    await this.checking
    await this.lock.release()
  }
}
