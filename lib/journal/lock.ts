import { type Files, pathIn } from './files.js'

export const LOCK_NAME = 'lock'

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

/**
 * One server to a directory: a file with the number of the process that uses it. The file of a process that is no more
 * counts for nothing. Throws a sentence when another server is there.
 */
export class DirectoryLock {
  private readonly files: Files
  private readonly path: string

  private constructor(files: Files, path: string) {
    this.files = files
    this.path = path
  }

  static async take(files: Files, directory: string, processes: Processes): Promise<DirectoryLock> {
    const path = pathIn(directory, LOCK_NAME)
    const { self } = processes
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (files.writeText(path, `${self.pid} ${self.begun}\n`)) return new DirectoryLock(files, path)
      const text = files.readText(path)
      const [pid, begun] = text?.trimEnd().split(' ') ?? []
      if (text !== undefined && isRunning(processes, Number(pid), begun)) {
        throw new Error(
          `${directory}: the server with process id ${pid} uses it; two cannot share a directory`,
        )
      }
      // Under a name of our own first: whoever else finds the same file gone does not take ours for it.
      if (text !== undefined) await removeStale(files, path, self.pid)
    }
    throw new Error(`${directory}: its lock cannot be had`)
  }

  release(): Promise<void> {
    return this.files.remove(this.path)
  }
}

async function removeStale(files: Files, path: string, pid: number): Promise<void> {
  const stale = `${path}.${pid}`
  try {
    await files.rename(path, stale)
  } catch {
    // Somebody else was faster.
  }
  await files.remove(stale)
}

function isRunning(processes: Processes, pid: number, begun: string | undefined): boolean {
  return begun !== undefined && processes.begunOf(pid) === begun
}

const TRIES_MAX = 10
