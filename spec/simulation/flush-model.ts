import { type CertainCounts, isCertain, type Receipt } from './key-model.js'

/** A change of the delayed flush: one was requested, or it has happened. */
interface DueChange {
  /** 0: none is pending. */
  readonly time: number
  readonly receipt: Receipt
}

/** The delayed flush: when memory executes it, and which may be found after a restart. */
export class FlushModel {
  /** In absolute seconds, 0 for none. */
  dueTime = 0
  dueReceipt: Receipt | undefined = undefined
  private possible: readonly number[] = [0]
  private changes: DueChange[] = []

  ask(time: number, receipt: Receipt): void {
    this.dueTime = time
    this.dueReceipt = receipt
    this.changes.push({ time, receipt })
  }

  /** A flush has happened: none is pending. */
  carriedOut(receipt: Receipt): void {
    this.dueTime = 0
    this.dueReceipt = undefined
    this.changes.push({ time: 0, receipt })
  }

  /** The clock is set back: a flush that has happened only because its time had come may be due again. */
  noteSetBack(): void {
    for (const { receipt } of this.changes) receipt.cause = undefined
  }

  /** Which times may be found, if this many records are certain, and all others may be lost. */
  timesAfter(certain: CertainCounts): readonly number[] {
    let times = this.possible
    for (const { time, receipt } of this.changes)
      times = isCertain(receipt, certain) ? [time] : [...new Set([...times, time])]
    return times
  }

  begin(time: number): void {
    this.dueTime = time
    this.dueReceipt = undefined
    this.possible = [time]
    this.changes = []
  }
}
