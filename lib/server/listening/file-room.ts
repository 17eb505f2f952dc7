import { readdirSync, readFileSync } from 'node:fs'

/**
 * How many connections this process has files for, besides the files that are open now. Without this bound connections
 * could take the last file: then libuv can neither accept nor refuse the next one, and the accepting thread spins.
 * So many threads start at the same time. Infinity where the limit is unknown: only Linux shows it.
 */
export function connectionRoom(startingCount: number): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    if (limit === undefined) return Number.POSITIVE_INFINITY
    const openCount = readdirSync('/proc/self/fd').length
    return Math.max(1, Number(limit) - openCount - FILES_KEPT - startingCount * FILES_PER_START)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/**
 * How many of these threads may start at the same time: with a low limit one after another, so that clients that come meanwhile
 * are not refused for the files of the start.
 */
export function startingTogether(threadCount: number): number {
  return Math.min(threadCount, Math.max(1, Math.floor(connectionRoom(0) / 2 / FILES_PER_START)))
}

/** For the next files of the journals, files that are read again, and connections that are refused. */
const FILES_KEPT = 64
/** A thread that starts opens the files of its code at the same time. */
const FILES_PER_START = 250
