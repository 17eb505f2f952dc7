import { Status } from './status.js'

/** One reply, with the same types as `Request`, and reused like it. */
export class Reply {
  status: Status = Status.OK
  /** The connection is closed after the reply, or sends no more requests: see `Session.watches`. */
  isLast = false
  /** The item's cas, 0 and 0 for none. */
  casHigh = 0
  casLow = 0
  /** The reply carries an item: its flags and its value. */
  hasItem = false
  clientFlags = 0
  /** The pieces of the value, in this order. */
  readonly value = new Pieces()
  valueLength = 0
  /** Facts about an item beside its value (meta); set only by the commands that return them. */
  readonly item = new ItemFacts()
  /** The new number of a counter. */
  hasNumber = false
  numberHigh = 0
  numberLow = 0
  /** A text of the server: a version, a SASL challenge. */
  text = ''
  /** Many replies to one request; only for statistics. */
  statistics: readonly Statistic[] | undefined = undefined

  reset(): void {
    this.status = Status.OK
    this.isLast = false
    this.casHigh = 0
    this.casLow = 0
    this.hasItem = false
    this.clientFlags = 0
    this.value.count = 0
    this.valueLength = 0
    this.hasNumber = false
    this.text = ''
    this.statistics = undefined
  }
}

export type Statistic = readonly [name: string, value: string]

/** About one item, as it was before the request. */
export class ItemFacts {
  /** Absolute seconds, 0: never; and the current time. */
  expiry = 0
  now = 0
  /** When it was last read. */
  accessTime = 0
  wasFetched = false
  isStale = false
  /** A client renews it: this one, or one that asked before. */
  isWon = false
  wasWon = false
  /** The request has created it. */
  isNew = false
  /** The client has the value already: it has sent the item's cas. */
  isKnown = false
}

/** A list of ranges of the arena, reused. */
export class Pieces {
  count = 0
  readonly starts: number[] = [0]
  readonly lengths: number[] = [0]

  add(start: number, length: number): void {
    this.starts[this.count] = start
    this.lengths[this.count] = length
    this.count++
  }
}
