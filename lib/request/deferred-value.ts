/** A value that is too long to be copied at once where no more may be pinned: it is copied as its client takes it. */
export interface DeferredValue {
  /** How many bytes have not been copied yet. */
  readonly missing: number
  /** Copies the next `length` bytes, of which there are so many, to `target`. False when the value is not there any more. */
  copyNext(target: number, length: number): boolean
}
