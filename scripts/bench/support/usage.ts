// What a process uses, as Linux shows it under /proc.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Counts in nanoseconds where the kernel was built with it, as nearly all are. */
const HAS_SCHEDSTAT = existsSync('/proc/self/schedstat')
/** The unit of /proc/PID/stat: `getconf CLK_TCK` prints 100 on every architecture that Node runs on. */
const TICK_SECONDS = 0.01
/** Fields of /proc/PID/stat, counted from 1 as its manual does. The second is a program's name, which may hold anything. */
const AFTER_NAME = 3
const USER_TICKS = 14
const SYSTEM_TICKS = 15

/** The CPU time of all threads of the process, in seconds, including the kernel's work for it. */
export function cpuSeconds(pid: number): number {
  return HAS_SCHEDSTAT ? scheduledSeconds(pid) : tickedSeconds(pid)
}

/** /proc/PID/schedstat is about the first thread alone, so the threads are summed. Their first number is the time run. */
function scheduledSeconds(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`))
    nanoseconds += Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'), 10)
  return nanoseconds / 1e9
}

function tickedSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[USER_TICKS - AFTER_NAME]) + Number(fields[SYSTEM_TICKS - AFTER_NAME])) * TICK_SECONDS
}

export interface Resident {
  readonly bytes: number
  /** Without the pages of files, such as the program's own code: all processes share those, and the kernel can drop them. */
  readonly anonymousBytes: number
}

/** Resident memory. The plainer files under /proc are off by what each thread has not yet reported. */
export function resident(pid: number): Resident {
  const path = `/proc/${pid}/smaps_rollup`
  return {
    bytes: 1024 * numberBehind('Rss:', path),
    anonymousBytes: 1024 * numberBehind('Anonymous:', path),
  }
}

export const residentBytes = (pid: number): number => resident(pid).bytes

/** How many files this process may open: Node has raised its soft limit to the hard one. */
export function openFilesMax(): number {
  return numberBehind('Max open files', '/proc/self/limits')
}

function numberBehind(label: string, path: string): number {
  const text = readFileSync(path, 'latin1')
  const number = Number.parseInt(text.slice(text.indexOf(label) + label.length), 10)
  // The value may be the word "unlimited" instead of a number.
  return Number.isNaN(number) ? Number.POSITIVE_INFINITY : number
}
