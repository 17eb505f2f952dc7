import type { Settings } from '../options.js'

/** What a connection does when a time has come, and what it is doing. */
export interface DeadlineOwner {
  readonly isPaused: boolean
  readonly isWriting: boolean
  onTimeout(what: Timeout): void
  onBeat(): void
  onRetry(): void
}

/** The codes of the errors. */
export type Timeout = 'CLOSE_TIMEOUT' | 'CONNECT_TIMEOUT' | 'IDLE_TIMEOUT' | 'READ_TIMEOUT' | 'WRITE_TIMEOUT'

/** What a connection waits for, which has an end by itself. */
export type Phase = 'CONNECT_TIMEOUT' | 'CLOSE_TIMEOUT' | 'RETRY' | undefined

type Due = Timeout | 'BEAT' | 'RETRY' | undefined

/**
 * All times of one connection, with one timer at most. Traffic only notes the time, once for each read; the timer runs until
 * the earliest moment at which something can be due, and then looks again.
 */
export class Deadlines {
  /** Whether reads and writes have to be noted. */
  readonly isTimed: boolean
  private readonly settings: Settings<unknown>
  private readonly owner: DeadlineOwner
  private phase: Phase = undefined
  private phaseDueAt = NEVER
  private isOpen = false
  private receivedAt = 0
  private sentAt = 0
  private progressAt = 0
  private beatAt = 0
  /** What is due next, and when: the result of `findNext`. */
  private next: Due = undefined
  private nextAt = NEVER
  private lookedAt = 0
  private timer: NodeJS.Timeout | undefined = undefined
  private timerDueAt = NEVER
  /** Whether the connection keeps the process running. Its socket does so otherwise; only between two attempts there is none. */
  private isReferenced = true

  constructor(settings: Settings<unknown>, owner: DeadlineOwner) {
    this.settings = settings
    this.owner = owner
    const { idleTimeoutMs, readTimeoutMs, heartbeat } = settings
    this.isTimed = idleTimeoutMs > 0 || readTimeoutMs > 0 || heartbeat !== undefined
  }

  /** From now on the connection waits for this, at most so long. 0: without an end, but a retry is due at once. */
  enter(phase: Phase, ms: number): void {
    this.phase = phase
    this.phaseDueAt = ms > 0 || phase === 'RETRY' ? performance.now() + ms : NEVER
    this.arm()
  }

  /** The connection is open: nothing has gone either way yet. */
  open(): void {
    const now = performance.now()
    this.receivedAt = now
    this.sentAt = now
    this.beatAt = now
    this.isOpen = true
    this.enter(undefined, 0)
  }

  stop(): void {
    this.isOpen = false
    this.phase = undefined
    this.phaseDueAt = NEVER
    this.disarm()
  }

  noteReceived(): void {
    this.receivedAt = performance.now()
  }

  noteSent(): void {
    this.sentAt = performance.now()
  }

  /** The system has begun to take a batch, or has taken one. */
  noteProgress(): void {
    this.progressAt = performance.now()
    this.sentAt = this.progressAt
    if (this.settings.writeTimeoutMs > 0) this.arm()
  }

  noteResumed(): void {
    if (!this.isTimed) return
    this.noteReceived()
    this.arm()
  }

  reference(isReferenced: boolean): void {
    this.isReferenced = isReferenced
    this.referTimer()
  }

  private arm(): void {
    this.findNext()
    if (this.timer !== undefined && this.nextAt >= this.timerDueAt) {
      this.referTimer()
      return
    }
    this.disarm()
    if (this.nextAt === NEVER) return
    this.timerDueAt = this.nextAt
    const ms = Math.max(1, Math.ceil(this.nextAt - performance.now()))
    this.timer = setTimeout(lookAgain, Math.min(ms, TIMER_MS_MAX), this)
    this.referTimer()
  }

  private disarm(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.timerDueAt = NEVER
  }

  private referTimer(): void {
    if (this.phase === 'RETRY' && this.isReferenced) this.timer?.ref()
    else this.timer?.unref()
  }

  private findNext(): void {
    const { writeTimeoutMs, readTimeoutMs, idleTimeoutMs, heartbeat } = this.settings
    const { receivedAt, owner } = this
    this.next = this.phase
    this.nextAt = this.phaseDueAt
    if (!this.isOpen) return
    if (writeTimeoutMs > 0 && owner.isWriting)
      this.consider('WRITE_TIMEOUT', this.progressAt + writeTimeoutMs)
    if (readTimeoutMs > 0 && !owner.isPaused) this.consider('READ_TIMEOUT', receivedAt + readTimeoutMs)
    if (idleTimeoutMs > 0) this.consider('IDLE_TIMEOUT', Math.max(receivedAt, this.sentAt) + idleTimeoutMs)
    if (heartbeat !== undefined)
      this.consider('BEAT', Math.max(receivedAt, this.beatAt) + heartbeat.intervalMs)
  }

  private consider(what: Due, at: number): void {
    if (at >= this.nextAt) return
    this.next = what
    this.nextAt = at
  }

  /**
   * Called by the timer. The program may have been busy, and bytes may have arrived in time: the event loop reads them before
   * it calls `act`, which decides as of now.
   */
  lookAgain(): void {
    this.timer = undefined
    this.timerDueAt = NEVER
    this.findNext()
    this.lookedAt = performance.now()
    if (this.nextAt > this.lookedAt) this.arm()
    else setImmediate(act, this)
  }

  act(): void {
    this.findNext()
    if (this.nextAt <= this.lookedAt) {
      const { next } = this
      if (next === 'BEAT') {
        this.beatAt = performance.now()
        this.owner.onBeat()
      } else if (next === 'RETRY') this.owner.onRetry()
      else if (next !== undefined) this.owner.onTimeout(next)
    }
    this.arm()
  }
}

const NEVER = Number.POSITIVE_INFINITY
const TIMER_MS_MAX = 0x7fffffff

function lookAgain(deadlines: Deadlines): void {
  deadlines.lookAgain()
}

function act(deadlines: Deadlines): void {
  deadlines.act()
}
