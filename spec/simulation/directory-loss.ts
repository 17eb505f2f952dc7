import type { Contents } from '../../lib/journal/directory/directory.js'
import { Random } from '../support/random.js'
import type { DiskFaults } from './disk-faults.js'
import { Finding } from './finding.js'
import type { Life } from './life.js'
import type { Oracle } from './oracle.js'
import type { SimulatedDisk } from './simulated-disk.js'
import { DIRECTORY, type SimulatedServer } from './simulated-server.js'

/** One seed in this many loses directories; none of these has threads or connections. */
const LOST_EVERY = 10
const LOST_AT = 6
/** The share of servers that lose their directory. */
const LOST_SHARE = 0.8
/** Requests before and after each step. */
const REQUESTS_MAX = 200

export const losesDirectories = (seed: number): boolean => seed % LOST_EVERY === LOST_AT

/**
 * Deletes or moves the directory of a running server, and brings it back, or makes an empty one in its place. The server notices
 * within two seconds of its time, and then refuses changes. When there is a directory again, it writes all items there. If it
 * ends before that, the items are lost.
 */
export class DirectoryLoss {
  private readonly random: Random
  private readonly disk: SimulatedDisk
  private readonly faults: DiskFaults
  private readonly oracle: Oracle
  private isAway = false
  /** Moves it back; undefined if it was deleted. */
  private bringBack: (() => void) | undefined

  private constructor(seed: number, disk: SimulatedDisk, faults: DiskFaults, oracle: Oracle) {
    this.random = new Random(~seed)
    this.disk = disk
    this.faults = faults
    this.oracle = oracle
  }

  /** Undefined for a seed whose directories stay. Its draws are separate from all others. */
  static for(
    seed: number,
    disk: SimulatedDisk,
    faults: DiskFaults,
    oracle: Oracle,
  ): DirectoryLoss | undefined {
    return losesDirectories(seed) ? new DirectoryLoss(seed, disk, faults, oracle) : undefined
  }

  /** A server may lose its directory, and may get one again. */
  async happen(life: Life, server: SimulatedServer): Promise<void> {
    const { random } = this
    if (life.isCutShort || !random.chance(LOST_SHARE)) return
    this.lose()
    const isNoticed = random.chance(0.7)
    if (isNoticed) {
      await this.live(life)
      if (life.isCutShort) return
      await life.expectNotice()
      await this.live(life)
      if (life.isCutShort || random.chance(0.2)) return
    }
    const { snapshotCount } = server.keeper
    this.give()
    if (random.chance(0.2)) return
    const isOther = this.oracle.mayLackAll
    await life.expectAccepting()
    if (isOther && server.keeper.snapshotCount === snapshotCount)
      throw new Finding('changes are accepted, and the new directory has no snapshot')
    this.noteLack(false)
    this.faults.isOn = true
    await this.live(life)
  }

  /** The server has ended cleanly, and everything is in the present directory. */
  endedInOrder(): void {
    if (this.isAway) throw new Finding('the server ends in order, and its directory is gone')
    this.noteLack(false)
  }

  /** The server has ended, and the next one begins in the directory, or in an empty one. */
  ended(): void {
    if (this.isAway) this.give()
  }

  /** The recovered items have been judged. */
  judged(contents: Contents): void {
    // An empty directory has no record of used versions.
    if (this.oracle.mayLackAll && contents.snapshot === undefined)
      for (const key of this.oracle.keys) key.lowestCas = 0
    this.noteLack(false)
  }

  private lose(): void {
    const bringBack = this.disk.takeDirectory(DIRECTORY)
    this.bringBack = this.random.chance(0.5) ? bringBack : undefined
    this.isAway = true
    this.faults.count++
    this.noteLack(true)
  }

  private give(): void {
    const { bringBack, disk, random } = this
    this.isAway = false
    if (bringBack === undefined || random.chance(0.2)) {
      disk.makeDirectory(DIRECTORY)
    } else {
      bringBack()
      this.noteLack(false)
    }
  }

  private noteLack(mayLackAll: boolean): void {
    this.oracle.mayLackAll = mayLackAll
  }

  private live(life: Life): Promise<void> {
    return life.live(life.operationCount + this.random.below(REQUESTS_MAX))
  }
}
