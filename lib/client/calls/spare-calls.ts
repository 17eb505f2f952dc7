import type { Call, CallStock } from './call.js'

/** Calls of one kind that wait to be used again, so that a call allocates little beyond its promise and its result. */
export class SpareCalls<Kind extends Call> implements CallStock {
  private readonly calls: Kind[] = []

  take(): Kind | undefined {
    return this.calls.pop()
  }

  add(call: Kind): void {
    if (this.calls.length >= SPARE_COUNT_MAX) return
    call.reset()
    this.calls.push(call)
  }
}

/** More are in flight only for moments. */
const SPARE_COUNT_MAX = 1024
