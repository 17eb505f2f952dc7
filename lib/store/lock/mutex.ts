/**
 * Lets one worker at a time run a few steps, such as taking a segment from the pool. The worker that holds it waits for
 * nothing else.
 *
 *     word     0 free      1 held      2 held, and a worker sleeps until it is free
 */
export class Mutex {
  private readonly words: Int32Array
  private readonly word: number
  private readonly isAlone: boolean
  /** This worker holds it. */
  isHeld = false

  /** A single worker needs no mutex. */
  constructor(words: Int32Array, word: number, isAlone: boolean) {
    this.words = words
    this.word = word
    this.isAlone = isAlone
  }

  lock(): void {
    this.isHeld = true
    if (this.isAlone) return
    const { words, word } = this
    for (let look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
      if (Atomics.compareExchange(words, word, FREE, HELD) === FREE) return
    }
    while (Atomics.exchange(words, word, HELD_AND_AWAITED) !== FREE) {
      Atomics.wait(words, word, HELD_AND_AWAITED, SLEEP_MS)
    }
  }

  /** As `lock`, but returns false if another worker holds it. */
  tryLock(): boolean {
    if (!this.isAlone && Atomics.compareExchange(this.words, this.word, FREE, HELD) !== FREE) return false
    this.isHeld = true
    return true
  }

  unlock(): void {
    this.isHeld = false
    if (this.isAlone) return
    if (Atomics.exchange(this.words, this.word, FREE) === HELD_AND_AWAITED)
      Atomics.notify(this.words, this.word, 1)
  }
}

const FREE = 0
const HELD = 1
const HELD_AND_AWAITED = 2
const LOOKS_BEFORE_SLEEP = 200
const SLEEP_MS = 100
