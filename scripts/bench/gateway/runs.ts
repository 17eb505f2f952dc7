/** What is loaded: `callerCount` callers, each with one request in flight, or one connection with as many. */
export interface LoadOrder {
  readonly command: 'get' | 'set'
  readonly shape: 'callers' | 'pipeline'
  readonly count: number
  readonly seconds: number
}

/** What one run did. The CPU time is that of the process under test: of the gateway, or of the client library. */
export interface EngineRun {
  readonly requestCount: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** The median time of a request, in microseconds; of a pipeline, that of all its requests. */
  readonly p50: number
}

export const KEY_COUNT = 10_000
export const VALUE = Buffer.alloc(100, 'value ')
export const keyAt = (index: number): Buffer => Buffer.from(`key:${`${index % KEY_COUNT}`.padStart(8, '0')}`)

/** Times of a run. */
export class Times {
  private readonly microseconds: number[] = []

  note(sentMs: number): void {
    this.microseconds.push((performance.now() - sentMs) * 1000)
  }

  get p50(): number {
    const sorted = Float64Array.from(this.microseconds).sort()
    return sorted[sorted.length >> 1] ?? 0
  }
}
