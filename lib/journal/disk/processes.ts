import type { Files } from './files.js'

/** The identity of a process: its number, and when it began, because numbers are reused. */
export interface Owner {
  readonly pid: number
  readonly begun: string
}

/** What is known of the processes of this machine. */
export interface Processes {
  readonly self: Owner
  /** When the process with this number began; undefined if there is none. */
  begunOf(pid: number): string | undefined
}

/** The processes of this machine, by /proc if there is one. */
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
    // It ended while its file was read.
    return undefined
  }
}

/** proc(5): the fields are counted from the end of the program's name, which may hold any characters. */
function beginningIn(stat: string | undefined): string | undefined {
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined || ENDED.includes(fields[STATE]!) ? undefined : fields[BEGINNING]
}

const STATE = 0
const BEGINNING = 19
/** A zombie has ended, but its parent has not waited for it: in a container it may never do so. */
const ENDED = ['Z', 'X']

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
