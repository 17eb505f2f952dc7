import type { Call } from '../calls/call.js'

/** The calls that were sent and whose replies are still to come, in order. */
export class Ring {
  length = 0
  private calls: (Call | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined)
  private firstIndex = 0

  get first(): Call | undefined {
    return this.calls[this.firstIndex]
  }

  push(call: Call): void {
    if (this.length === this.calls.length) this.grow()
    this.calls[(this.firstIndex + this.length) & (this.calls.length - 1)] = call
    this.length++
  }

  shift(): void {
    this.calls[this.firstIndex] = undefined
    this.firstIndex = (this.firstIndex + 1) & (this.calls.length - 1)
    this.length--
  }

  /** Empties the ring. */
  takeAll(): Call[] {
    const taken: Call[] = []
    for (let call = this.first; call !== undefined; call = this.first) {
      taken.push(call)
      this.shift()
    }
    return taken
  }

  private grow(): void {
    const { calls, firstIndex } = this
    this.calls = [
      ...calls.slice(firstIndex),
      ...calls.slice(0, firstIndex),
      ...new Array(calls.length).fill(undefined),
    ]
    this.firstIndex = 0
  }
}

/** A power of two. */
const FIRST_CAPACITY = 64
