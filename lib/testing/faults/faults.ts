import type { Effect, EffectKinds } from './effect.js'
import type { Fault, FaultOccasion } from './fault.js'
import { type ParsedFault, parseFault } from './parse-fault.js'
import type { SeededRandom } from './random.js'

/** A fault of a test server, and how often it has happened. */
export interface FaultState {
  readonly id: number
  readonly fault: Fault
  /** How often it has happened. */
  readonly applied: number
  /** It has never happened, or less often than its `times`. Always false for `refuse`: the system does not report refusals. */
  readonly isUnused: boolean
}

/** What a fault is compared with. */
export interface Occasion {
  readonly name: FaultOccasion
  readonly key: string | undefined
  readonly connection: number
  /** Whether its reply has an opaque. */
  readonly hasOpaque: boolean
  /** What cannot happen to it: it only counts for `after`. */
  readonly withheld: EffectKinds | undefined
}

interface Entry {
  readonly id: number
  readonly fault: Fault
  readonly parsed: ParsedFault
  seenCount: number
  applied: number
}

/** The faults of a test, in the order in which they were added. */
export class Faults {
  private readonly random: SeededRandom
  private readonly tellSeed: () => void
  private entries: Entry[] = []
  private nextId = 1

  /** `tellSeed` is called when a fault first depends on the seed. */
  constructor(random: SeededRandom, tellSeed: () => void) {
    this.random = random
    this.tellSeed = tellSeed
  }

  /** Adds all of them, or none if one is wrong. Returns their numbers. */
  add(faults: readonly Fault[]): number[] {
    const checked = faults.map((fault) => ({ fault, parsed: parseFault(fault) }))
    if (this.entries.length + faults.length > FAULT_COUNT_MAX)
      throw new RangeError(`a test server holds at most ${FAULT_COUNT_MAX} faults`)
    if (checked.some(({ parsed }) => parsed.probability < 1)) this.tellSeed()
    const added = checked.map((both) => ({ id: this.nextId++, ...both, seenCount: 0, applied: 0 }))
    this.entries.push(...added)
    return added.map(({ id }) => id)
  }

  remove(id: number): void {
    this.entries = this.entries.filter((entry) => entry.id !== id)
  }

  clear(): void {
    this.entries = []
  }

  get isEmpty(): boolean {
    return this.entries.length === 0
  }

  /** New connections are to be refused by the system. */
  get refusesConnections(): boolean {
    return this.entries.some(({ parsed }) => parsed.effect.kind === 'refuse')
  }

  get states(): FaultState[] {
    return this.entries.map(({ id, fault, parsed, applied }) => ({
      id,
      fault,
      applied,
      isUnused: parsed.effect.kind !== 'refuse' && applied < leastOf(parsed),
    }))
  }

  /** What happens now: the effect of the first fault whose conditions hold. */
  effectOn(occasion: Occasion): Effect | undefined {
    for (const entry of this.entries) {
      const { parsed } = entry
      if (!isMatch(parsed, occasion) || entry.seenCount++ < parsed.after) continue
      if (entry.applied >= parsed.times || occasion.withheld?.has(parsed.effect.kind)) continue
      if (parsed.probability < 1 && this.random.next() >= parsed.probability) continue
      entry.applied++
      return parsed.effect
    }
    return undefined
  }

  /** It has not happened: there was no reply that it could change, or the request was not sent to its end. */
  takeBack(effect: Effect): void {
    const entry = this.entries.find(({ parsed }) => parsed.effect === effect)
    if (entry !== undefined) entry.applied--
  }
}

/** How often a test expects a fault to happen. */
const leastOf = ({ times }: ParsedFault): number => (times === Number.POSITIVE_INFINITY ? 1 : times)

/** Bounds the search for a fault. */
const FAULT_COUNT_MAX = 1000

function isMatch({ occasions, matchesKey, connection, effect }: ParsedFault, occasion: Occasion): boolean {
  const { name, key } = occasion
  if (effect.kind === 'opaque' && !occasion.hasOpaque) return false
  if (effect.kind === 'evict' && key === undefined) return false
  // A cas is a set, too.
  const isNamed = occasions?.has(name) || (name === 'cas' && occasions?.has('set'))
  if (occasions === undefined ? name === 'connect' : isNamed !== true) return false
  if (connection !== undefined && connection !== occasion.connection) return false
  return matchesKey === undefined || (key !== undefined && matchesKey(key))
}
