import { ok as assert } from 'node:assert/strict'
import { itemExtras, Op, request, uint32 } from '../support/frames.js'
import type { Random } from '../support/random.js'

/** Longer than some rounds, and shorter than a few rounds. */
const SHORT_SECONDS = 1
const LONG_SECONDS = 1000

/**
 * An item that is stored with a short time to live and then given a long one, like a renewed session. One connection
 * alone changes it. Once the long time is acknowledged, the item must survive any crash, even if its first time has passed.
 */
export class SlidingSession {
  readonly key: string
  /** What the key may have. */
  private possible = new Set<string | undefined>([undefined])
  private isFlushed = false

  constructor(key: string) {
    this.key = key
  }

  /** Stores it again, or only renews it. Returns what to send, and what to call with the status of the last reply. */
  change(
    random: Random,
    opaque: number,
    value: string,
  ): { frame: Buffer; onStatus: (status: number) => void } {
    const { key } = this
    const [last] = this.possible
    const isStored = random.chance(0.5) || this.possible.size > 1 || last === undefined
    const first = isStored
      ? request(Op.SETQ, { key, value, extras: itemExtras(0, SHORT_SECONDS), opaque })
      : request(Op.TOUCH, { key, extras: uint32(SHORT_SECONDS), opaque: 0 })
    const second = request(Op.TOUCH, { key, extras: uint32(LONG_SECONDS), opaque })
    if (isStored) this.possible.add(value)
    this.possible.add(undefined)
    const onStatus = (status: number) => {
      this.possible = new Set([status !== 0 ? undefined : isStored ? value : last])
    }
    return { frame: Buffer.concat([first, second]), onStatus }
  }

  /** Everything has been flushed, before or after the other requests under way. */
  mayBeFlushed(): void {
    this.isFlushed = true
  }

  /** From here on, `found` is its value. */
  verify(found: string | undefined, output: string): void {
    if (this.isFlushed) this.possible.add(undefined)
    this.isFlushed = false
    const possible = [...this.possible].join(', ')
    assert(this.possible.has(found), `${this.key} is ${found}, and may be ${possible}\n${output}`)
    this.possible = new Set([found])
  }
}
