/**
 * How long a process and its children have been active: not counted is the time for which they wait for a processor that
 * others use. On a busy machine a check is then about as fast as on an idle one.
 */
import { readdirSync, readFileSync } from 'node:fs'

const NS_PER_MS = 1_000_000
/** A longer time between two calls is one in which this process had to wait itself. The other may have ended in it. */
const STEP_MS_MAX = 200

/** Of a thread, in ns. */
interface Times {
  readonly run: number
  readonly waited: number
}

const NOTHING: Times = { run: 0, waited: 0 }

export class ActiveTime {
  ms = 0
  private readonly pid: number
  private readAt = performance.now()
  private byThread: ReadonlyMap<string, Times> = new Map()

  constructor(pid: number) {
    this.pid = pid
  }

  /** Called often: what has waited and ended since the last call is counted as active. */
  update(): void {
    const byThread = new Map<string, Times>()
    readTimes(this.pid, byThread)
    let [longestRun, waited] = [0, 0]
    for (const [thread, times] of byThread) {
      const before = this.byThread.get(thread) ?? NOTHING
      longestRun = Math.max(longestRun, times.run - before.run)
      waited += times.waited - before.waited
    }
    const now = performance.now()
    // Threads may wait at the same time, and one may loop without end meanwhile.
    const activeMs = Math.max(longestRun / NS_PER_MS, now - this.readAt - waited / NS_PER_MS)
    this.ms += Math.min(STEP_MS_MAX, activeMs)
    this.readAt = now
    this.byThread = byThread
  }
}

function readTimes(pid: number | string, byThread: Map<string, Times>): void {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const folder = `/proc/${pid}/task/${thread}`
      const [run, waited] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ').map(Number)
      byThread.set(thread, { run: run!, waited: waited! })
      const children = readFileSync(`${folder}/children`, 'utf8').split(' ')
      for (const child of children) if (child !== '') readTimes(child, byThread)
    }
  } catch {
    // It has ended, or the system has no such files.
  }
}
