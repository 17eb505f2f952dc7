/**
 * How long a process and its children have been active since a moment: not counted is the time for which a thread of them, or this one, waits
 * for a processor that others use. On a busy machine a check is then at most as slow as on an idle one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const NS_PER_MS = 1_000_000
const OWN_TIMES = '/proc/self/schedstat'

export class ActiveTime {
  ms = 0
  private readonly pid: number
  private readonly begun = performance.now()
  /** Before it began, in ns. */
  private readonly ownWaited: number
  /** By thread, those that have ended too, in ns. */
  private readonly waited = new Map<string, number>()
  /** The times of the threads that there were before it began. */
  private readonly earlier = new Map<string, readonly [run: number, waited: number]>()

  constructor(pid: number) {
    this.pid = pid
    this.ownWaited = existsSync(OWN_TIMES) ? readTimes(OWN_TIMES)[1] : 0
    try {
      this.eachThread(this.pid, (thread, times) => this.earlier.set(thread, times))
    } catch {
      // As in `update`.
    }
  }

  /** Called often, since the times of a thread cannot be read after its end. */
  update(): void {
    try {
      this.waited.set('', readTimes(OWN_TIMES)[1] - this.ownWaited)
      this.eachThread(this.pid, (thread, [run, waited]) => {
        const [runBefore, waitedBefore] = this.earlier.get(thread) ?? [0, 0]
        this.waited.set(thread, waited - waitedBefore)
        // Several threads may wait at a time while one loops without end.
        this.ms = Math.max(this.ms, (run - runBefore) / NS_PER_MS)
      })
    } catch {
      // A thread has ended, or the system has no such files.
    }
    let waited = 0
    for (const ns of this.waited.values()) waited += ns
    this.ms = Math.max(this.ms, performance.now() - this.begun - waited / NS_PER_MS)
  }

  private eachThread(pid: number | string, visit: (thread: string, times: [number, number]) => void): void {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const folder = `/proc/${pid}/task/${thread}`
      visit(thread, readTimes(`${folder}/schedstat`))
      const children = readFileSync(`${folder}/children`, 'utf8').split(' ')
      for (const child of children) if (child !== '') this.eachThread(child, visit)
    }
  }
}

function readTimes(path: string): [run: number, waited: number] {
  const [run, waited] = readFileSync(path, 'utf8').split(' ')
  return [Number(run), Number(waited)]
}
