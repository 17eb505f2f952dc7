/**
 * The thread that holds the baton runs; all others wait. The next thread is drawn from a sequence that the seed
 * makes, and that is in shared memory: so every run of a seed interleaves its threads in the same way.
 *
 *     turn of thread 0, 1 … │ state of the draws │ count of marks │ threads that have not ended │ time in seconds
 */
export class Baton {
  private readonly words: Int32Array
  private readonly thread: number
  private readonly threadCount: number
  /** One of this many chances to hand over is taken; in this thread as in all others. */
  private readonly calm: number
  private readonly shared: number

  constructor({ memory, threadCount, calm }: BatonTask, thread: number) {
    this.words = new Int32Array(memory)
    this.thread = thread
    this.threadCount = threadCount
    this.calm = calm
    this.shared = threadCount
  }

  static memoryFor(threadCount: number, seed: number, seconds: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer((threadCount + SHARED_COUNT) * 4)
    const shared = new Int32Array(memory).subarray(threadCount)
    shared[DRAWS] = seed
    shared[LIVING] = (1 << threadCount) - 1
    shared[SECONDS] = seconds
    return memory
  }

  /** Gives the baton away for the first time. The caller does not hold it. */
  begin(): void {
    this.giveTo(this.drawOther(NOBODY))
  }

  /** Waits until it is this thread's turn. */
  await(): void {
    while (load(this.words, this.thread) === 0)
      if (wait(this.words, this.thread, 0, HANGING_MS) === 'timed-out')
        throw new Error('another thread hangs')
  }

  /** A point at which another thread may go on. */
  pass(): void {
    if (this.draw(this.calm) === 0) this.handOver()
  }

  /** Lets another thread run. */
  handOver(): void {
    const other = this.drawOther(this.thread)
    if (other === NOBODY) return
    this.words[this.thread] = 0
    this.giveTo(other)
    this.await()
  }

  /** Lets other threads run until a condition is true. */
  waitUntil(isSo: () => boolean): void {
    for (let count = 0; !isSo(); count++) {
      if (count > WAITS_MAX || this.isAlone) throw new Error('a thread waits without end')
      this.handOver()
    }
  }

  /** This thread has ended: it never gets the baton again. */
  leave(): void {
    this.words[this.shared + LIVING]! &= ~(1 << this.thread)
    this.words[this.thread] = 0
    const other = this.drawOther(this.thread)
    if (other !== NOBODY) this.giveTo(other)
  }

  /** A number above all earlier ones of any thread. */
  mark(): number {
    return ++this.words[this.shared + MARKS]!
  }

  get seconds(): number {
    return this.words[this.shared + SECONDS]!
  }

  passSecond(): void {
    this.words[this.shared + SECONDS]!++
  }

  /** Differs if the threads have been interleaved in another way. */
  get digest(): number {
    return this.words[this.shared + DRAWS]! & 0x7fff_ffff
  }

  private get isAlone(): boolean {
    return (this.words[this.shared + LIVING]! & ~(1 << this.thread)) === 0
  }

  private giveTo(thread: number): void {
    store(this.words, thread, 1)
    notify(this.words, thread)
  }

  private drawOther(thread: number): number {
    const living = this.words[this.shared + LIVING]! & ~(thread === NOBODY ? 0 : 1 << thread)
    if (living === 0) return NOBODY
    let drawn = this.draw(this.threadCount)
    while ((living & (1 << drawn)) === 0) drawn = (drawn + 1) % this.threadCount
    return drawn
  }

  private draw(end: number): number {
    const at = this.shared + DRAWS
    const state = (Math.imul(this.words[at]!, 1_664_525) + 1_013_904_223) | 0
    this.words[at] = state
    return Math.floor(((state >>> 0) / 0x1_0000_0000) * end)
  }
}

export interface BatonTask {
  readonly memory: SharedArrayBuffer
  readonly threadCount: number
  readonly calm: number
}

/** The real ones: those that lib calls hand the baton over. */
const { load, store, wait, notify } = Atomics

/** A thread that holds the baton this long loops without end. */
export const HANGING_MS = 60_000
const NOBODY = -1
const WAITS_MAX = 100_000
const DRAWS = 0
const MARKS = 1
const LIVING = 2
const SECONDS = 3
const SHARED_COUNT = 4
