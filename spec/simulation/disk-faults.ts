import type { Random } from '../support/random.js'
import type { EventLoop } from './event-loop.js'
import type { Plan } from './plan.js'
import type { Call, Fault, SimulatedDisk } from './simulated-disk.js'

/** What goes wrong with calls of the disk, and how long they take. */
export class DiskFaults {
  /** Errors so far. */
  count = 0
  /** Nothing goes wrong while a server starts. */
  isOn = false
  private readonly random: Random
  private readonly plan: Plan

  constructor(random: Random, plan: Plan, loop: EventLoop, disk: SimulatedDisk) {
    this.random = random
    this.plan = plan
    disk.faultOf = (call) => this.faultOf(call)
    disk.onWrite = () => {
      if (random.chance(plan.slowShare)) loop.ms += random.below(8)
    }
  }

  private faultOf(call: Call): Fault | undefined {
    const { random, plan } = this
    if (!this.isOn || !random.chance(plan.faultShare)) return undefined
    const kind = random.below(4)
    if (call === 'write' && kind === 0) return { share: random.below(1000) / 1000 }
    if (call === 'write' && kind === 1) return { code: 'EINTR' }
    this.count++
    return { code: random.pick(['ENOSPC', 'EIO']) }
  }
}
