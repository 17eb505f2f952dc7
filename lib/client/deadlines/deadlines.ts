import type { Call } from '../calls/call.js'

/**
 * The deadlines of all calls of a client: one timer, and a wheel of lists of calls. To add a call and to remove it costs
 * a few assignments, whatever the number of calls.
 *
 *     slots   ┌───┬───┬───┬───┬─ ─ ─┬─────┐
 *             │ 0 │ 1 │ 2 │ 3 │     │ 511 │   a call is in slot (its last tick) mod 512
 *             └───┴─┬─┴───┴─┬─┴─ ─ ─┴─────┘
 *                   ▼       ▼
 *                 call     call ◀▶ call       later rounds wait in the same list
 */
export class Deadlines {
  private readonly slots: (Call | undefined)[] = new Array(SLOT_COUNT).fill(undefined)
  private readonly onPassed: (call: Call) => void
  private timer: NodeJS.Timeout | undefined
  private callCount = 0
  private idleTicks = 0
  /** All ticks up to this one have been looked at. */
  private lastTick = 0

  constructor(onPassed: (call: Call) => void) {
    this.onPassed = onPassed
  }

  static now(): number {
    return performance.now()
  }

  add(call: Call, timeoutMs: number): void {
    call.deadlineMs = Deadlines.now() + timeoutMs
    const slot = slotOf(tickOf(call.deadlineMs))
    const first = this.slots[slot]
    call.nextTimed = first
    if (first !== undefined) first.previousTimed = call
    this.slots[slot] = call
    this.callCount++
    if (this.timer === undefined) this.start()
  }

  remove(call: Call): void {
    if (call.deadlineMs === 0) return
    const { nextTimed, previousTimed } = call
    if (nextTimed !== undefined) nextTimed.previousTimed = previousTimed
    if (previousTimed !== undefined) previousTimed.nextTimed = nextTimed
    else this.slots[slotOf(tickOf(call.deadlineMs))] = nextTimed
    call.nextTimed = undefined
    call.previousTimed = undefined
    call.deadlineMs = 0
    this.callCount--
  }

  close(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  /**
   * The timer alone does not keep the process alive: the sockets that calls wait for do. Deadlines are looked at behind the
   * turn's reads: in a process that was busy, replies that have arrived settle their calls first.
   */
  private start(): void {
    this.idleTicks = 0
    this.lastTick = tickOf(Deadlines.now()) - 1
    this.timer = setInterval(() => setImmediate(() => this.advance()), TICK_MS).unref()
  }

  private advance(): void {
    const now = Deadlines.now()
    const tick = Math.floor(now / TICK_MS)
    const first = Math.max(this.lastTick + 1, tick - SLOT_COUNT + 1)
    for (let passed = first; passed <= tick; passed++) this.endSlot(slotOf(passed), now)
    this.lastTick = tick
    this.idleTicks = this.callCount > 0 ? 0 : this.idleTicks + 1
    if (this.idleTicks > IDLE_TICKS_MAX) this.close()
  }

  /** Collects first: a call that fails may take others of its list with it. */
  private endSlot(slot: number, now: number): void {
    if (this.slots[slot] === undefined) return
    const passed: Call[] = []
    for (let call: Call | undefined = this.slots[slot]; call !== undefined; call = call.nextTimed) {
      if (call.deadlineMs <= now) passed.push(call)
    }
    for (const call of passed) if (call.deadlineMs !== 0) this.onPassed(call)
  }
}

const TICK_MS = 10
const SLOT_COUNT = 512
/** A timer that is stopped and started for each call costs more than one that runs on for a while. */
const IDLE_TICKS_MAX = 100

/** The first tick at which the time has passed. */
const tickOf = (ms: number): number => Math.ceil(ms / TICK_MS)
const slotOf = (tick: number): number => tick % SLOT_COUNT
