/** A request that may have changed a key. Times are numbers that rise with every event. */
export interface Change {
  /** The key's value afterwards; undefined if it has none. */
  readonly value: string | undefined
  readonly sentAt: number
  /** When its reply arrived, or that of a later request on the same connection. */
  acknowledgedAt: number | undefined
}

/** All changes to one key. */
export class KeyHistory {
  private changes: Change[] = []

  constructor(value: string | undefined) {
    this.begin(value)
  }

  /** From here on, this is what is known of the key. */
  begin(value: string | undefined): void {
    this.changes = [{ value, sentAt: -1, acknowledgedAt: -1 }]
  }

  add(change: Change): void {
    this.changes.push(change)
  }

  /**
   * The values that the key may have after a crash: any that it was changed to, unless another change was sent after the
   * acknowledgement of that one, and was acknowledged too.
   */
  possibleValues(): Set<string | undefined> {
    const last = Math.max(
      ...this.changes.flatMap(({ sentAt, acknowledgedAt }) => (acknowledgedAt === undefined ? [] : [sentAt])),
    )
    const possible = this.changes.filter(
      ({ acknowledgedAt }) => acknowledgedAt === undefined || acknowledgedAt >= last,
    )
    return new Set(possible.map(({ value }) => value))
  }
}
