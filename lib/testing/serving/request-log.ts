import type { CommandName } from '../faults/commands.js'
import type { Effect } from '../faults/effect.js'
import type { Outcome } from '../faults/outcomes.js'

/** A request that a test server has seen. */
export interface TestRequest {
  /** In every protocol the same: `get` is also a getk, a gets and an mg. */
  readonly command: CommandName
  /** Undefined for commands that are not about one item. */
  readonly key: string | undefined
  /** Bytes of the value that was sent, or found. */
  readonly valueLength: number
  /** What the command has come to, whatever became of the reply. */
  readonly outcome: Outcome | FaultOutcome
  /** The number of the connection. */
  readonly connection: number
}

/** The command was not run. */
export type FaultOutcome = 'busy' | 'not supported' | 'made up' | 'restart'

/** What the log says of a request that a fault has kept from being run. */
export function outcomeOfFault(effect: Effect): FaultOutcome {
  if (effect.kind === 'restart') return 'restart'
  if (effect.kind !== 'foreign') return 'made up'
  return effect.text === 'Busy' ? 'busy' : 'not supported'
}

/** The latest requests, up to a bound. */
export class RequestLog {
  private readonly countMax: number
  private readonly ring: TestRequest[] = []
  /** Where the next one goes once the ring is full. */
  private next = 0

  constructor(countMax: number) {
    this.countMax = countMax
  }

  add(request: TestRequest): void {
    if (this.ring.length < this.countMax) {
      this.ring.push(request)
    } else if (this.countMax > 0) {
      this.ring[this.next] = request
      this.next = (this.next + 1) % this.countMax
    }
  }

  /** Oldest first. */
  get all(): TestRequest[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)]
  }

  clear(): void {
    this.ring.length = 0
    this.next = 0
  }
}
