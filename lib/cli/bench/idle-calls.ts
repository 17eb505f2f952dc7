import type { BenchCall } from './bench-call.js'

/** The calls that wait for a request, the one that has waited longest first: so requests spread over all connections. */
export class IdleCalls {
  length = 0
  private readonly calls: (BenchCall | undefined)[]
  private first = 0

  constructor(capacity: number) {
    this.calls = new Array(capacity).fill(undefined)
  }

  add(call: BenchCall): void {
    this.calls[(this.first + this.length) % this.calls.length] = call
    this.length++
  }

  take(): BenchCall {
    const call = this.calls[this.first]!
    this.calls[this.first] = undefined
    this.first = (this.first + 1) % this.calls.length
    this.length--
    return call
  }
}
