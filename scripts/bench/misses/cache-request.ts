/** What a client of a cache does. A get that misses is followed by a set. */
export interface CacheRequest {
  readonly operation: 'get' | 'set' | 'delete'
  readonly key: string
  readonly valueLength: number
}

/** This many requests are in flight at once. */
const WINDOW_REQUESTS_MAX = 32

/**
 * Requests that can be in flight together because no two are for the same key: each finds what all earlier ones have left
 * for its key, and the requests to a server depend only on the trace and its own replies.
 */
export function* windowsOf(requests: Iterable<CacheRequest>): Generator<readonly CacheRequest[]> {
  let window: CacheRequest[] = []
  const keys = new Set<string>()
  for (const request of requests) {
    if (window.length === WINDOW_REQUESTS_MAX || keys.has(request.key)) {
      yield window
      window = []
      keys.clear()
    }
    window.push(request)
    keys.add(request.key)
  }
  if (window.length > 0) yield window
}
