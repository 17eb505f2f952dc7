/** A connection, as a test sees it. */
export interface ConnectionFacts {
  /** As in faults and in the log. */
  readonly number: number
  readonly remoteAddress: string
  /** How many requests it has sent. */
  readonly requestCount: number
}
