import { ClientError } from '../../client/client-error.js'
import type { ConnectionOptions } from '../../client/connection/connection-options.js'
import type { BenchCall, CallListener } from './bench-call.js'
import { IdleCalls } from './idle-calls.js'
import { LoadConnection } from './load-connection.js'
import { Outcome } from './outcome.js'
import type { Requests } from './requests.js'
import type { Schedule } from './schedule.js'

/** What is sent in one run, and when. */
export interface Run {
  readonly requests: Requests
  readonly schedule: Schedule
  /** It ends early after so many errors. */
  readonly errorCountMax?: number
}

/** The load for one server: its connections, and the run that is under way. */
export class ServerLoad implements CallListener {
  private readonly name: string
  private readonly connections: readonly LoadConnection[]
  private readonly timeoutMs: number
  private readonly idle: IdleCalls
  private run: Run | undefined
  private outcome = new Outcome()
  private sentCount = 0
  private lastReplyMs = 0
  /** Since when there has been no connection; 0 while there is one. */
  private aloneSinceMs = 0
  private isCut = false
  private onEnd: () => void = () => undefined

  constructor(options: ConnectionOptions, connectionCount: number, timeoutMs: number) {
    this.name = options.name
    this.timeoutMs = timeoutMs
    this.idle = new IdleCalls(connectionCount * options.inFlightMax)
    this.connections = Array.from({ length: connectionCount }, () => new LoadConnection(options, this))
  }

  /** Rejects if a connection cannot be made. A few at a time: servers have a backlog. */
  async open(): Promise<void> {
    for (let start = 0; start < this.connections.length; start += OPENING_COUNT_MAX)
      await Promise.all(
        this.connections.slice(start, start + OPENING_COUNT_MAX).map((connection) => connection.open()),
      )
  }

  async execute(run: Run): Promise<Outcome> {
    const outcome = new Outcome()
    const startMs = performance.now()
    this.outcome = outcome
    this.lastReplyMs = startMs
    this.aloneSinceMs = 0
    this.isCut = false
    this.run = run
    const check = setInterval(() => this.check(), CHECK_MS)
    await new Promise<void>((resolve) => {
      this.onEnd = resolve
      this.pump(run)
    })
    clearInterval(check)
    this.run = undefined
    if (!this.isCut) {
      outcome.unsent = run.schedule.leftCount()
      outcome.countWaits(run.schedule.leftWaits(performance.now()), run.requests.getShare)
    }
    outcome.seconds = (this.endOf(run, outcome) - startMs) / 1000
    // Time was over before it was alone for long enough.
    if (!this.isCut && outcome.requests + outcome.failures === 0) outcome.countGone(this.name)
    return outcome
  }

  get replyCount(): number {
    return this.outcome.requests
  }

  /** Starts no more requests, and waits for the replies to the others. */
  cut(): void {
    this.isCut = true
  }

  async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()))
  }

  onReply(call: BenchCall): void {
    const nowMs = performance.now()
    this.sentCount--
    this.lastReplyMs = nowMs
    this.outcome.countReply(call.isGet, call.isHit, nowMs - call.startMs)
  }

  onError(call: BenchCall, error: Error): void {
    const code = error instanceof ClientError ? error.code : 'OTHER'
    this.sentCount--
    this.outcome.countError(code, error.message)
    // A connection that is given up takes its younger requests along: they have not waited for as long.
    if (code === 'TIMEOUT')
      this.outcome.countWait(call.isGet, Math.max(this.timeoutMs, performance.now() - call.startMs))
    if (this.outcome.failures >= (this.run?.errorCountMax ?? Number.POSITIVE_INFINITY)) this.cut()
  }

  onFree(call: BenchCall): void {
    if (!call.connection.isReady) call.place = 'lost'
    else if (this.start(call)) return
    this.endIfOver()
  }

  /**
   * The time in which a server stalls counts: the last reply is the end only if it came late. Without a bound in time, and if
   * the run ended early, it has just ended.
   */
  private endOf({ schedule: { endMs } }: Run, { isGone }: Outcome): number {
    const hasWholeTime = Number.isFinite(endMs) && !this.isCut && !isGone
    return hasWholeTime ? Math.max(endMs, this.lastReplyMs) : performance.now()
  }

  /** Sends the next request, if one is due; otherwise the call waits for it. */
  private start(call: BenchCall): boolean {
    const nowMs = performance.now()
    const { run } = this
    const startMs = run === undefined || this.isCut ? -1 : run.schedule.take(nowMs)
    if (startMs < 0 || run === undefined) {
      call.place = 'idle'
      this.idle.add(call)
      return false
    }
    run.requests.write(call)
    call.begin(startMs, nowMs)
    this.sentCount++
    call.connection.send(call)
    return true
  }

  /** Sends what is due, and comes back for what will be. */
  private pump(run: Run): void {
    const { idle } = this
    if (this.run !== run) return
    for (let count = idle.length; count > 0; count--) {
      const call = idle.take()
      if (!call.connection.isReady) call.place = 'lost'
      else if (!this.start(call)) break
    }
    this.endIfOver()
    const waitMs = run.schedule.nextMs - performance.now()
    // A timer may be late by a millisecond.
    const again = (): void => this.pump(run)
    if (waitMs < PRECISE_MS) setImmediate(again)
    else if (Number.isFinite(waitMs)) setTimeout(again, waitMs - PRECISE_MS)
  }

  private endIfOver(): void {
    const { run } = this
    if (run === undefined || this.sentCount > 0) return
    if (this.isCut || run.schedule.isOver(performance.now())) this.onEnd()
  }

  private check(): void {
    const nowMs = performance.now()
    for (const connection of this.connections) connection.checkAge(nowMs, this.timeoutMs)
    const isAlone = !this.connections.some(({ isReady }) => isReady)
    this.aloneSinceMs = isAlone ? this.aloneSinceMs || nowMs : 0
    if (isAlone && nowMs - this.aloneSinceMs > Math.max(this.timeoutMs, GONE_MS_MIN)) {
      this.outcome.countGone(this.name)
      this.onEnd()
    } else this.endIfOver()
  }
}

const OPENING_COUNT_MAX = 100
const CHECK_MS = 50
/** Connections are made again meanwhile. */
const GONE_MS_MIN = 1000
const PRECISE_MS = 2
