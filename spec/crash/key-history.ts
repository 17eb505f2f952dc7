/** Something that was asked of a server and may have changed a key. Times are numbers that rise with every event. */
export interface Change {
  /** What the key has afterwards; undefined when there is nothing under it. */
  readonly value: string | undefined
  readonly sentAt: number
  /** When its reply came, or that of a later request on the same connection. */
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
   * What the key may have after a crash: whatever it was changed to, unless another change was asked for after the
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
