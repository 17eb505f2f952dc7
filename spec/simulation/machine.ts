import type { Random } from '../support/random.js'
import { type EventLoop, settlePromises } from './event-loop.js'
import { Finding } from './finding.js'
import type { SimulatedDisk } from './simulated-disk.js'

/** A promise that is not settled after this many events hangs. */
const EVENTS_MAX = 20_000

/** The loop and the disk of a server, both of which act only when told to. */
export class Machine {
  readonly loop: EventLoop
  readonly disk: SimulatedDisk
  private readonly random: Random

  constructor(random: Random, loop: EventLoop, disk: SimulatedDisk) {
    this.random = random
    this.loop = loop
    this.disk = disk
  }

  /** Nothing is pending but timers. */
  get isIdle(): boolean {
    return this.disk.waitingCount === 0 && !this.loop.hasImmediates
  }

  /**
   * Runs events until a promise is settled; `between` is called before each. Throws what it rejects with. Returns
   * false if that is cut short: at a random moment if it `isDoomed`, or when `isDoomed` returns true.
   */
  async waitFor(
    promise: Promise<unknown>,
    isDoomed: boolean | (() => boolean),
    between = () => {},
  ): Promise<boolean> {
    const { random, loop, disk } = this
    let isSettled = false
    let failure: unknown
    promise.then(
      () => {
        isSettled = true
      },
      (error: unknown) => {
        isSettled = true
        failure = error
      },
    )
    for (let events = 0; events < EVENTS_MAX; events++) {
      await settlePromises()
      if (isSettled) {
        if (failure !== undefined) throw failure
        return true
      }
      between()
      if (typeof isDoomed === 'function' ? isDoomed() : isDoomed && this.strikes()) return false
      if (disk.waitingCount > 0 && random.chance(0.6)) disk.proceed(random)
      else if (loop.hasImmediates) loop.runImmediate()
      else if (disk.waitingCount > 0) disk.proceed(random)
      else loop.advance(Math.max(0, Math.min(1000, loop.nextDueMs - loop.ms)))
    }
    throw new Finding('the server hangs')
  }

  private strikes(): boolean {
    return this.random.chance(this.disk.hasUnsyncedName ? 0.2 : 0.1)
  }

  /** The same for promises that are not cut short. Returns the value. */
  async settled<Value>(promise: Promise<Value>, between?: () => void): Promise<Value> {
    await this.waitFor(promise, false, between)
    return promise
  }

  /** Runs everything that is under way to its end, and lets time pass while anything is busy. */
  async comeToRest(isBusy: () => boolean): Promise<void> {
    const { random, loop, disk } = this
    for (let events = 0; events < EVENTS_MAX; events++) {
      await settlePromises()
      if (disk.waitingCount > 0) disk.proceed(random)
      else if (loop.hasImmediates) loop.runImmediate()
      else if (isBusy()) loop.advance(Math.max(0, Math.min(1000, loop.nextDueMs - loop.ms)))
      else return
    }
    throw new Finding('the server does not come to rest')
  }
}
