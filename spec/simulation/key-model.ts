/** An item as clients see it. */
export interface ItemState {
  readonly value: Buffer
  readonly clientFlags: number
  /** Absolute seconds, 0 for never. */
  readonly expiry: number
  readonly cas: number
}

/** The key has no item. */
export const GONE = undefined
export type State = ItemState | typeof GONE

/**
 * Which record must be safe before a change is certain: the one with this count of its worker, or a later one of
 * another, which records a flush before its own changes.
 */
export interface Receipt {
  readonly worker: number
  readonly count: number
  /** Of a flush: for each other worker the count of its first change behind it, once there is one. */
  readonly later?: (number | undefined)[]
  /**
   * Of a delayed flush: the request for it. The flush is also certain when this one is, unless the clock was set back: then it is
   * still to come.
   */
  cause?: Receipt | undefined
}

/** Up to which count the records of each worker are certain. */
export type CertainCounts = readonly number[]

/** Of the records that are known to be on the disk. */
const ALWAYS: Receipt = { worker: 0, count: 0 }

export function isCertain(receipt: Receipt | undefined, certain: CertainCounts): boolean {
  if (isRecorded(receipt, certain)) return true
  return receipt?.cause !== undefined && isCertain(receipt.cause, certain)
}

/** The same whatever the clock shows after a restart. */
function isRecorded(receipt: Receipt | undefined, certain: CertainCounts): boolean {
  if (receipt === undefined) return false
  const { worker, count, later } = receipt
  if (certain[worker]! >= count) return true
  return later?.some((first, other) => first !== undefined && certain[other]! >= first) === true
}

export type Change =
  | { readonly kind: 'stored'; readonly state: ItemState; readonly receipt: Receipt | undefined }
  | {
      readonly kind: 'touched'
      readonly expiry: number
      /** When it happened. */
      readonly time: number
      readonly receipt: Receipt | undefined
    }
  /** An eviction has none: it is not recorded. */
  | { readonly kind: 'removed'; readonly receipt: Receipt | undefined }

/** One key: what memory holds, and what a disk may hold. */
export class KeyModel {
  readonly key: Buffer
  readonly name: string
  /** What memory holds; its expiry may have passed. */
  state: State = GONE
  /** No cas below it is used for this key any more. */
  lowestCas = 0
  /** What is found after a restart if none of `changes` has reached the disk. */
  private base: State = GONE
  private changes: Change[] = []
  private settleLength = SETTLE_LENGTH_MIN

  constructor(name: string) {
    this.name = name
    this.key = Buffer.from(name, 'latin1')
  }

  note(change: Change, secured: CertainCounts): void {
    if (this.changes.length >= this.settleLength) this.settle(secured)
    this.changes.push(change)
  }

  /** Nothing has changed, and nothing was there. */
  get wasNeverThere(): boolean {
    return this.changes.length === 0 && this.base === GONE
  }

  /** Which record has the item with this cas; undefined if that is not known any more. */
  receiptOf(cas: number): Receipt | undefined {
    const found = this.changes.find((change) => change.kind === 'stored' && change.state.cas === cas)
    return found?.receipt
  }

  /**
   * The item with this cas, if it may be found with this expiry when so many records are certain and all others may
   * be lost.
   */
  stateAfter(certain: CertainCounts, cas: number, expiry: number): ItemState | undefined {
    let found = this.base?.cas === cas ? this.base : GONE
    let expiries = found === GONE ? [] : [found.expiry]
    for (const change of this.changes) {
      if (change.kind === 'stored' && change.state.cas === cas) {
        found = change.state
        expiries = [found.expiry]
      } else if (change.kind === 'touched') {
        if (isCertain(change.receipt, certain)) expiries = [change.expiry]
        else expiries.push(change.expiry)
      } else if (isCertain(change.receipt, certain)) {
        found = GONE
      }
    }
    return found !== GONE && expiries.includes(expiry) ? { ...found, expiry } : undefined
  }

  /** Whether nothing may be found, at this time, when so many records are certain and all others may be lost. */
  mayBeGone(certain: CertainCounts, now: number): boolean {
    const isOver = (expiry: number, time: number): boolean => expiry !== 0 && expiry <= time
    let isGone = this.base === GONE
    let expiries = new Set(this.base === GONE ? [] : [this.base.expiry])
    for (const change of this.changes) {
      const isSure = isCertain(change.receipt, certain)
      if (isSure && change.kind !== 'touched') {
        expiries = new Set()
        isGone = false
      }
      if (change.kind === 'removed') isGone = true
      else if (change.kind === 'stored') expiries.add(change.state.expiry)
      else if (expiries.size > 0) {
        // A touch may be lost, and the item before it may have expired by then.
        if ([...expiries].some((expiry) => isOver(expiry, change.time))) isGone = true
        if (isSure) expiries = new Set([change.expiry])
        else expiries.add(change.expiry)
      }
    }
    return isGone || [...expiries].some((expiry) => isOver(expiry, now))
  }

  /** The clock is set back from this time: items that had expired by then may be gone or back. */
  noteSetBack(time: number, secured: CertainCounts): void {
    const isOver = (expiry: number): boolean => expiry !== 0 && expiry <= time
    const mayBeOver = (change: Change): boolean =>
      change.kind === 'stored'
        ? isOver(change.state.expiry)
        : change.kind === 'touched' && isOver(change.expiry)
    if ((this.base !== GONE && isOver(this.base.expiry)) || this.changes.some(mayBeOver))
      this.note({ kind: 'removed', receipt: undefined }, secured)
  }

  /** From here on the key has this item, and nothing else can be found. */
  begin(state: State): void {
    this.state = state
    this.base = state
    this.changes = []
  }

  /** The key has no item, but all that may be on the disk may still come back. */
  leaveOut(certain: CertainCounts): void {
    this.settle(certain)
    const isSure = ({ receipt }: Change): boolean => isRecorded(receipt, certain)
    this.changes = this.changes.map((change) => ({ ...change, receipt: isSure(change) ? ALWAYS : undefined }))
    this.changes.push({ kind: 'removed', receipt: undefined })
    this.state = GONE
  }

  /** Removes states that can never be found again. */
  private settle(secured: CertainCounts): void {
    const isLast = (change: Change): boolean =>
      change.kind !== 'touched' && isRecorded(change.receipt, secured)
    const index = this.changes.findLastIndex(isLast)
    if (index >= 0) {
      const change = this.changes[index]!
      this.base = change.kind === 'stored' ? change.state : GONE
      this.changes.splice(0, index + 1)
    }
    this.settleLength = Math.max(SETTLE_LENGTH_MIN, 2 * this.changes.length)
  }
}

const SETTLE_LENGTH_MIN = 16
