import type { SimulatedDisk } from './simulated-disk.js'
import type { Workload } from './workload.js'

/** While a snapshot begins, on a disk that is slow to create files, clients store many items that were not there. */
export class Surge {
  private readonly disk: SimulatedDisk
  private readonly workload: Workload
  /** How long files are not created. */
  private readonly length: number
  /** How long a snapshot has been under way. */
  private turns = 0

  /** `length` in turns; 0: there is none. */
  constructor(disk: SimulatedDisk, workload: Workload, length: number) {
    this.disk = disk
    this.workload = workload
    this.length = length
  }

  get isOn(): boolean {
    return this.turns > 0 && this.turns < this.length
  }

  /** A turn has begun. */
  step(isTakingSnapshot: boolean): void {
    if (this.length === 0) return
    this.turns = isTakingSnapshot ? this.turns + 1 : 0
    this.disk.holdsNames = this.isOn
    this.workload.isSurging = isTakingSnapshot && this.turns < 2 * this.length
  }

  end(): void {
    this.turns = 0
    this.disk.holdsNames = false
    this.workload.isSurging = false
  }
}
