import type { PartialValue } from '../../lib/request/partial-value.js'
import type { Random } from '../support/random.js'
import type { KeyModel } from './key-model.js'
import type { Operation } from './outcome.js'

/** A request whose value is sent a part at a time. */
export interface Sending {
  readonly key: KeyModel
  readonly operation: Operation
  readonly value: PartialValue
}

/** More clients send at once than there is room for arriving values. */
const SENDINGS_MAX = 300

/** Clients of a worker that send long values slowly. Most of them never finish. */
export class SlowSenders {
  private sendings: Sending[] = []

  get mayBegin(): boolean {
    return this.sendings.length < SENDINGS_MAX
  }

  add(sending: Sending): void {
    this.sendings.push(sending)
    sending.value.waitFor({ isIdle: true, drop: () => this.drop(sending) })
  }

  pick(random: Random): Sending | undefined {
    return this.sendings.length === 0 ? undefined : random.pick(this.sendings)
  }

  /** Its value is complete, or has no room. */
  remove(sending: Sending): void {
    this.sendings = this.sendings.filter((other) => other !== sending)
    sending.value.endWaiting()
  }

  /** All connections are closed. */
  endAll(): void {
    for (const sending of this.sendings) this.drop(sending)
  }

  private drop(sending: Sending): void {
    this.remove(sending)
    sending.value.discard()
  }
}
