import type { Files } from './files.js'

/** Who a process is: its number, and when it began, since numbers come again. */
export interface Owner {
  readonly pid: number
  readonly begun: string
}

/** What is known of the processes of this machine. */
export interface Processes {
  readonly self: Owner
  /** When the process with this number began; undefined when there is none. */
  begunOf(pid: number): string | undefined
}

/** The processes of this machine, by /proc where there is one. */
export function runningProcesses(files: Files): Processes {
  const begunOf = (pid: number): string | undefined => {
    if (files.readText('/proc/self/stat') === undefined) return isThere(pid) ? 'running' : undefined
    return beginningIn(readStat(files, pid))
  }
  return { self: { pid: process.pid, begun: begunOf(process.pid) ?? 'running' }, begunOf }
}

function readStat(files: Files, pid: number): string | undefined {
  try {
    return files.readText(`/proc/${pid}/stat`)
  } catch {
    // It ended while we looked.
    return undefined
  }
}

/** proc(5): the fields are counted from behind the program's name, which may hold anything. */
function beginningIn(stat: string | undefined): string | undefined {
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined || ENDED.includes(fields[STATE]!) ? undefined : fields[BEGINNING]
}

const STATE = 0
const BEGINNING = 19
/** A zombie has ended, and only its parent has not asked how: in a container it may never be asked. */
const ENDED = ['Z', 'X']

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
