/**
 * How long a process and its children have been active: not counted is the time for which one of them waits for a
 * processor that others use. On a busy machine a check is then as fast as on an idle one.
 */
import { readdirSync, readFileSync } from 'node:fs'

const NS_PER_MS = 1_000_000
/** A longer time between two calls is one in which this process had to wait itself. The other may have ended in it. */
const STEP_MS_MAX = 200

export class ActiveTime {
  ms = 0
  private readonly pid: number
  private readAt = performance.now()
  /** By thread, for how long each has waited. */
  private waitedNs: ReadonlyMap<string, number> = new Map()

  constructor(pid: number) {
    this.pid = pid
  }

  /** Called often: what has waited and ended since the last call is counted as active. */
  update(): void {
    const waitedNs = new Map<string, number>()
    readWaited(this.pid, waitedNs)
    let longestNs = 0
    for (const [thread, ns] of waitedNs)
      longestNs = Math.max(longestNs, ns - (this.waitedNs.get(thread) ?? 0))
    const now = performance.now()
    this.ms += Math.min(STEP_MS_MAX, Math.max(0, now - this.readAt - longestNs / NS_PER_MS))
    this.readAt = now
    this.waitedNs = waitedNs
  }
}

function readWaited(pid: number | string, waitedNs: Map<string, number>): void {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const folder = `/proc/${pid}/task/${thread}`
      const [, ns] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ')
      waitedNs.set(thread, Number(ns))
      const children = readFileSync(`${folder}/children`, 'utf8').split(' ')
      for (const child of children) if (child !== '') readWaited(child, waitedNs)
    }
  } catch {
    // It has ended, or the system has no such files.
  }
}
