import { ClientError } from '../../../lib/client/index.js'
import { LoopDelay } from './loop-delay.js'

/** What one call may take. */
export interface CallTimes {
  readonly timeoutMs: number
  /** When its signal aborts it, counted from its begin. */
  readonly abortMs: number
}

/** Collects what is wrong, over all clients. */
export class Judge {
  callCount = 0
  settledCount = 0
  lateCount = 0
  latestMs = 0
  wrongCount = 0
  /** The first of what is wrong, in words. */
  readonly findings: string[] = []
  /** How many calls succeeded (`ok`), and how many failed by which code. */
  readonly outcomes = new Map<string, number>()
  readonly loop = new LoopDelay()

  /** Waits for a call. Returns its error; what may not be is noted. */
  async watch(
    name: string,
    { timeoutMs, abortMs }: CallTimes,
    isLied: boolean,
    start: () => Promise<void>,
  ): Promise<Error | undefined> {
    const beginMs = performance.now()
    const delayBefore = this.loop.totalAt(beginMs)
    this.callCount++
    const error = await start().then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    this.settledCount++
    const endMs = performance.now()
    const delayMs = this.loop.totalAt(endMs) - delayBefore
    const lateMs = endMs - beginMs - Math.min(timeoutMs, abortMs) - delayMs
    this.latestMs = Math.max(this.latestMs, lateMs)
    if (lateMs > LATE_MS_MAX) {
      this.lateCount++
      this.note(`${name} was settled ${lateMs.toFixed()} ms after its deadline: ${error ?? 'ok'}`)
    }
    this.judgeError(name, error, isLied)
    return error
  }

  wrong(words: string): void {
    this.wrongCount++
    this.note(words)
  }

  private judgeError(name: string, error: Error | undefined, isLied: boolean): void {
    const code = error === undefined ? 'ok' : error instanceof ClientError ? error.code : error.name
    this.outcomes.set(code, (this.outcomes.get(code) ?? 0) + 1)
    if (code === 'ok' || FAULT_CODES.has(code) || (isLied && LIE_CODES.has(code))) return
    this.wrong(`${name} failed by ${code}: ${error?.stack}`)
  }

  private note(words: string): void {
    if (this.findings.length < FINDINGS_SHOWN) this.findings.push(words)
  }
}

/** What is later than this is late. */
const LATE_MS_MAX = 50
const FINDINGS_SHOWN = 20

/** A network alone causes these failures. */
const FAULT_CODES: ReadonlySet<string> = new Set([
  'TIMEOUT',
  'ABORTED',
  'UNREACHABLE',
  'CONNECTION',
  'BREAKER_OPEN',
  'QUEUE_FULL',
  'PARTIAL',
])

/** A server that lies causes these as well. */
const LIE_CODES: ReadonlySet<string> = new Set(['PROTOCOL', 'SERVER', 'AUTH', 'TOO_LARGE', 'NOT_A_NUMBER'])
