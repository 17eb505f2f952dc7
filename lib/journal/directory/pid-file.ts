import { type Files, type HeldFile, pathIn } from '../disk/files.js'
import type { Processes } from '../disk/processes.js'
import { PID_FILE_NAME } from './lock-names.js'

/**
 * A file with the number of the process that uses a directory, and with the time at which that process began. The file of a
 * process that has ended is ignored. It names the owner to other servers, keeps out versions of keepcached that know
 * no other lock, and is the only lock on a file system without sockets.
 */
export class PidFile {
  readonly path: string
  private readonly files: Files
  private readonly held: HeldFile

  private constructor(files: Files, path: string, held: HeldFile) {
    this.files = files
    this.path = path
    this.held = held
  }

  /**
   * Rejects with a sentence if another process is the owner. With `hasSocket` a file with this process's number is a leftover:
   * another server in this process would have the socket.
   */
  static async take(
    files: Files,
    directory: string,
    processes: Processes,
    hasSocket: boolean,
  ): Promise<PidFile> {
    const path = pathIn(directory, PID_FILE_NAME)
    const { self } = processes
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (files.writeText(path, `${self.pid} ${self.begun}\n`)) {
        const held = await files.hold(path)
        if (held !== undefined) return new PidFile(files, path, held)
      }
      const owner = ownerIn(files, path)
      const { pid, begun } = owner ?? {}
      const isLeftBehind = hasSocket && Number(pid) === self.pid
      const isRunning = begun !== undefined && processes.begunOf(Number(pid)) === begun
      if (isRunning && !isLeftBehind) throw inUse(files, directory)
      // First under a temporary name: so a process that finds the old file gone does not mistake this one for it.
      if (owner !== undefined) await removeStale(files, path, self.pid)
    }
    throw new Error(`${directory}: its lock cannot be taken`)
  }

  get identity(): string {
    return this.held.identity
  }

  async release(): Promise<void> {
    try {
      if ((await this.files.identityOf(this.path)) === this.identity) await this.files.remove(this.path)
    } finally {
      this.held.release()
    }
  }
}

/** The error if a directory has an owner. */
export function inUse(files: Files, directory: string): Error {
  const pid = ownerIn(files, pathIn(directory, PID_FILE_NAME))?.pid
  const owner = pid === undefined ? 'another server' : `the server with process id ${pid}`
  return busy(`${directory}: ${owner} uses it; two cannot share a directory`)
}

/** The error if another server starts at the same time. */
export const aboutToBeUsed = (directory: string): Error =>
  busy(`${directory}: another server is about to use it; two cannot share a directory`)

/** The system has this code for what another process holds. */
const busy = (sentence: string): Error => Object.assign(new Error(sentence), { code: 'EBUSY' })

/** Undefined if there is no such file. */
function ownerIn(
  files: Files,
  path: string,
): { pid: string | undefined; begun: string | undefined } | undefined {
  const words = files.readText(path)?.trimEnd().split(' ')
  return words && { pid: words[0], begun: words[1] }
}

async function removeStale(files: Files, path: string, pid: number): Promise<void> {
  const stale = `${path}.${pid}`
  try {
    await files.rename(path, stale)
  } catch {
    // Another process was faster.
  }
  await files.remove(stale)
}

const TRIES_MAX = 10
