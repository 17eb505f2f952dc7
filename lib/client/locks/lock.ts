import type { Key } from '../commands/command-options.js'
import type { Commands } from '../commands/commands.js'
import type { CallOptions } from '../commands/executor.js'
import type { Ttl } from '../ttl.js'
import { heldMs } from './held-ms.js'

export interface LockParts {
  readonly commands: Commands
  readonly key: Key
  /** The value of the item: no other holder has the same. */
  readonly owner: string
  readonly cas: bigint
  /** On the clock of `performance`. */
  readonly endMs: number
  readonly options: CallOptions | undefined
}

/** A lock that this process holds, or has held: see the README for what it promises. */
export class Lock {
  /**
   * The fencing token: a later holder has a higher one. What the lock protects should refuse a token below the highest
   * that it has seen.
   */
  readonly token: bigint
  private readonly parts: LockParts
  private cas: bigint
  private endMs: number
  private isReleased = false

  constructor(parts: LockParts) {
    this.parts = parts
    this.token = parts.cas
    this.cas = parts.cas
    this.endMs = parts.endMs
  }

  /** Milliseconds until the lock may be another's, by this machine's clock; 0 if it may be already. */
  get remainingMs(): number {
    return this.isReleased ? 0 : Math.max(0, this.endMs - performance.now())
  }

  /** Holds the lock for `ttl` from now on. Resolves to false if it was lost. */
  async extend(ttl: Ttl): Promise<boolean> {
    if (this.isReleased) return false
    if (await this.tryToExtend(ttl)) return true
    // The cas may have changed by an earlier `extend` whose reply was lost.
    return (await this.readCas()) && this.tryToExtend(ttl)
  }

  /** Resolves to whether the lock was still held. A lock of another holder stays. */
  async release(): Promise<boolean> {
    if (this.isReleased) return false
    this.isReleased = true
    if (await this.tryToRelease()) return true
    // As in `extend`.
    return (await this.readCas()) && this.tryToRelease()
  }

  /** Text has no deletion by cas, but every protocol can replace an item by one that has expired. */
  private async tryToRelease(): Promise<boolean> {
    const { commands, key, options } = this.parts
    return (await commands.cas(key, '', this.cas, { ...options, ttl: AT_ONCE })) === 'stored'
  }

  private async tryToExtend(ttl: Ttl): Promise<boolean> {
    const endMs = performance.now() + heldMs(ttl)
    const { commands, key, owner, options } = this.parts
    if ((await commands.cas(key, owner, this.cas, { ...options, ttl })) !== 'stored') return false
    if (!(await this.readCas())) return false
    this.endMs = endMs
    return true
  }

  /** Returns false if the lock is another's, or nobody's. */
  private async readCas(): Promise<boolean> {
    const { commands, key, owner, options } = this.parts
    const item = await commands.gets(key, options)
    if (item === undefined || `${item.value}` !== owner) return false
    this.cas = item.cas
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}

const AT_ONCE = new Date(0)
