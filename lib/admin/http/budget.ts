/** Bytes or places that requests share. What is taken has to be given back. */
export class Budget {
  private taken = 0
  private readonly max: number

  constructor(max: number) {
    this.max = max
  }

  /** False if there is not so much left. */
  take(count: number): boolean {
    if (this.taken + count > this.max) return false
    this.taken += count
    return true
  }

  give(count: number): void {
    this.taken -= count
  }
}
