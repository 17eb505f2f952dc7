import { Status } from './status.js'

/** One reply, in the same terms as `Request` and as much reused. */
export class Reply {
  status: Status = Status.OK
  /** The connection ends once the reply is on its way, or asks for nothing more: see `Session.watches`. */
  isLast = false
  /** The item's cas, 0 and 0 for none. */
  casHigh = 0
  casLow = 0
  /** The reply carries an item: its flags and its value. */
  hasItem = false
  clientFlags = 0
  /** The value lies in one piece or in several, in this order. */
  readonly value = new Pieces()
  valueLength = 0
  /** What is told of an item beside its value (meta); set by those commands alone that tell it. */
  readonly item = new ItemFacts()
  /** What a counter holds now. */
  hasNumber = false
  numberHigh = 0
  numberLow = 0
  /** A message from the server itself: a version, a SASL challenge. */
  text = ''
  /** Many replies to one request; undefined for all but statistics. */
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
  /** Absolute seconds, 0 for never; and the present. */
  expiry = 0
  now = 0
  /** When it was read last. */
  accessTime = 0
  wasFetched = false
  isStale = false
  /** Somebody is to renew it: this client, or another that asked before. */
  isWon = false
  wasWon = false
  /** The request has made it. */
  isNew = false
  /** The client has the value already: it named its cas. */
  isKnown = false
}

/** A list of stretches of the arena, reused. */
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
