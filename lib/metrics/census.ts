import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/**
 * How a worker gets an exact count of connections, although another thread accepts them.
 *
 *     ┌───────┬──────────┐
 *     │ asked │ answered │      how often an exact count was requested, and how often that was answered
 *     └───────┴──────────┘
 */
export class Census {
  private readonly words: Int32Array
  private readonly state: number

  constructor(arena: Arena) {
    this.words = arena.words
    this.state = arena.reserve(CACHE_LINE_LENGTH) >>> 2
  }

  static regionLength(): number {
    return CACHE_LINE_LENGTH
  }

  /**
   * Waits until the accepting thread has counted, or refused, every connection made before now: a client that connects,
   * and then requests statistics on another connection, finds the new one there. A busy thread is not waited
   * for long.
   */
  awaitAnswer(ask: () => void): void {
    const { words, state } = this
    const wanted = Atomics.add(words, state + ASKED, 1) + 1
    ask()
    for (;;) {
      const answered = Atomics.load(words, state + ANSWERED)
      if (((answered - wanted) | 0) >= 0) return
      if (Atomics.wait(words, state + ANSWERED, answered, CENSUS_MS_MAX) === 'timed-out') return
    }
  }

  /** The accepting thread has counted or refused all connections made before it was asked. */
  answer(): void {
    const { words, state } = this
    Atomics.store(words, state + ANSWERED, Atomics.load(words, state + ASKED))
    Atomics.notify(words, state + ANSWERED)
  }
}

const ASKED = 0
const ANSWERED = 1
const CENSUS_MS_MAX = 250
