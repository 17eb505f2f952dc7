/** A value that is too long to be copied at once while no more may be pinned: it is copied as its client reads it. */
export interface DeferredValue {
  /** How many bytes have not been copied yet. */
  readonly missing: number
  /** Copies the next `length` bytes, of which there are as many, to `target`. False if the value is gone. */
  copyNext(target: number, length: number): boolean
}
