import type { Random } from '../support/random.js'
import type { NameChange, SimulatedDisk } from './simulated-disk.js'

/**
 * Chooses at which change of a name on the disk a server crashes. The moments that matter are few: a snapshot has just got its
 * name, and its directory is not synced; the next server has just removed a file that the snapshot replaces.
 */
export class CrashAim {
  /** The change has been made. */
  isHit = false
  private readonly random: Random
  private isWanted: ((change: NameChange) => boolean) | undefined = undefined
  private leftCount = 0

  constructor(random: Random, disk: SimulatedDisk) {
    this.random = random
    disk.isCunning = true
    disk.onNamed = (change) => this.note(change)
  }

  /** A server starts. */
  atStart(): void {
    this.aim(isRemoval, 1 + this.random.below(3))
  }

  /** It serves. */
  atWork(): void {
    this.aim(isNamingOfSnapshot, 1)
  }

  /** At the change with this number, or not at all. */
  private aim(isWanted: (change: NameChange) => boolean, number: number): void {
    this.isHit = false
    this.isWanted = this.random.chance(AIMED_SHARE) ? isWanted : undefined
    this.leftCount = number
  }

  private note(change: NameChange): void {
    if (this.isWanted?.(change) !== true) return
    this.leftCount--
    if (this.leftCount === 0) this.isHit = true
  }
}

/** The other servers end at any moment. */
const AIMED_SHARE = 0.75

const isRemoval = ({ kind }: NameChange): boolean => kind === 'remove'
const isNamingOfSnapshot = ({ kind, path }: NameChange): boolean =>
  kind === 'rename' && path.includes('/snapshot-')
