import { Command } from '../../lib/request/command.js'
import type { Random } from '../support/random.js'
import type { KeyModel } from './key-model.js'
import type { Operation } from './outcome.js'
import type { Plan } from './plan.js'

/** Values are ranges of this: bytes that are not digits, and no two ranges alike. */
const POOL_START_MAX = 1024 * 1024
const POOL = Buffer.alloc(POOL_START_MAX + 1024 * 1024)
for (let at = 0, state = 1; at < POOL.length; at++) {
  state = Math.imul(state, 1_103_515_245) + 12_345
  POOL[at] = 0x80 | (state >>> 17)
}
const EMPTY = Buffer.alloc(0)

/** Lengths at which a value begins to be handled differently. */
const THRESHOLDS = [
  // A sixteenth of a segment of 64 KiB: longer ones are split into pieces. And the most that a snapshot copies.
  4096,
  4096 - 30,
  // What is copied into replies, what is read at once, windows, what is reserved at first.
  16 * 1024,
  32 * 1024,
  64 * 1024,
  // A record that is not linked, a part of a value in a frame.
  65_535,
]
const THRESHOLD_WIDTH = 40

const KINDS = [
  [Command.GET, 30],
  [Command.SET, 28],
  [Command.ADD, 5],
  [Command.REPLACE, 4],
  [Command.APPEND, 4],
  [Command.PREPEND, 3],
  [Command.INCREMENT, 5],
  [Command.DECREMENT, 3],
  [Command.DELETE, 8],
  [Command.TOUCH, 6],
  [Command.GET_AND_TOUCH, 4],
] as const
const COMMANDS = KINDS.flatMap(([command, weight]) => Array.from({ length: weight }, () => command))

/** What clients ask for. */
export class Workload {
  /** These are the last requests before a crash: long values, and items that expire at once. */
  isParting = false
  /** All keys are stored, not only a few. */
  isSurging = false
  private readonly random: Random
  private readonly plan: Plan
  private readonly keys: readonly KeyModel[]

  constructor(random: Random, plan: Plan, keys: readonly KeyModel[]) {
    this.random = random
    this.plan = plan
    this.keys = keys
  }

  static keyNames(random: Random, { keyCount }: Plan): string[] {
    return Array.from({ length: keyCount }, (_, index) => {
      const name = isCounter(index) ? `counter ${index}` : `key ${index}`
      return random.chance(0.1) ? name.padEnd(1 + random.below(250), '.').slice(0, 250) : name
    })
  }

  key(): KeyModel {
    const { random, plan, keys } = this
    if (plan.surgeLength > 0 && !this.isSurging) return keys[random.below(plan.hotCount)]!
    const hotCount = Math.min(plan.hotCount, keys.length)
    return keys[random.chance(0.4) ? random.below(hotCount) : random.below(keys.length)]!
  }

  keyNamed(name: string | undefined): KeyModel | undefined {
    return name === undefined ? undefined : this.keys.find((key) => key.name === name)
  }

  /** What the names of some keys begin with: from nearly all of them to one. */
  prefix(): string {
    const { name } = this.key()
    return name.slice(0, 1 + this.random.below(name.length))
  }

  operation(key: KeyModel, now: number): Operation {
    const { random } = this
    const command = this.command()
    return {
      command,
      value: this.valueFor(key, command),
      clientFlags: random.chance(0.3) ? random.below(0x1_0000_0000) | 0 : 0,
      expiry: this.expiry(now),
      cas: this.cas(key),
      delta: random.chance(0.1) ? 2n ** 64n - 1n - BigInt(random.below(5)) : BigInt(random.below(1000)),
      initial: random.chance(0.5) ? BigInt(random.below(100_000)) : undefined,
    }
  }

  private command(): Command {
    const { random, plan } = this
    if (plan.fillsOnce) return random.chance(plan.fillingShare) ? Command.ADD : Command.GET
    return random.chance(plan.fillingShare) ? Command.SET : random.pick(COMMANDS)
  }

  /** Seconds as a client sends them: relative, absolute, at the edges, in the past. */
  expiry(now: number): number {
    const { random, plan } = this
    if (this.isParting && random.chance(0.2)) return -1
    if (!random.chance(plan.expiringShare)) return 0
    const roll = random.below(100)
    if (roll < 50) return 1 + random.below(10)
    if (roll < 70) return 1 + random.below(2 * plan.jumpSecondsMax)
    if (roll < 80) return THIRTY_DAYS - 1 + random.below(2)
    if (roll < 90) return now + 1 + random.below(20)
    if (roll < 93) return THIRTY_DAYS + 1 + random.below(1000)
    if (roll < 96) return now - random.below(20)
    return -1 - random.below(3)
  }

  private valueFor(key: KeyModel, command: Command): Buffer {
    const { random } = this
    const isExtension = command === Command.APPEND || command === Command.PREPEND
    if (isExtension) return this.value(random.below(random.chance(0.1) ? 3000 : 30))
    if (!key.name.startsWith('counter') || random.chance(0.1)) return this.value(this.length())
    const digits = random.chance(0.1) ? '18446744073709551600' : `${random.below(10_000)}`
    return Buffer.from(digits.padEnd(random.chance(0.1) ? 22 : 0), 'latin1')
  }

  private value(length: number): Buffer {
    if (length === 0) return EMPTY
    const start = this.random.below(POOL_START_MAX)
    return POOL.subarray(start, start + length)
  }

  private length(): number {
    const { random, plan } = this
    const { longestValue, filledLength } = plan
    if (filledLength > 0) return Math.floor((filledLength * (80 + random.below(40))) / 100)
    const near = random.pick(THRESHOLDS)
    if (near <= longestValue && random.chance(this.isParting ? 0.5 : plan.thresholdShare))
      return near - THRESHOLD_WIDTH + random.below(2 * THRESHOLD_WIDTH)
    if (random.chance(0.05)) return 0
    if (random.chance(0.9)) return random.below(Math.min(200, longestValue))
    // The longer, the rarer.
    return Math.floor(longestValue ** (random.below(1000) / 1000))
  }

  private cas(key: KeyModel): number {
    const { random } = this
    if (!random.chance(0.1)) return 0
    const { state } = key
    if (state !== undefined && random.chance(0.7)) return state.cas
    return Math.max(1, key.lowestCas - random.below(3))
  }
}

const isCounter = (index: number): boolean => index % 5 === 0
const THIRTY_DAYS = 60 * 60 * 24 * 30
