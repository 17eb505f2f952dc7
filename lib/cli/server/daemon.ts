/**
 * Detaching from the terminal. Node cannot fork, so a second process becomes the daemon, in its own session, and the first one
 * waits for its result:
 *
 *     keepcached -d ── starts ──▶ the same again, detached
 *          │ ◀──── "listening" ─────── │
 *        exits 0                       serves         or, if it ends instead: exits with its code
 *
 * Until then the daemon's messages go to the first process's standard error; later only those of -v do. It stays in its
 * directory, so that relative paths keep their meaning.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { complain } from '../complain.js'
import { ExitCode } from '../exit-codes.js'

/** Marks the second process: the process id of the first one. */
const PARENT = '_KEEPCACHED_DAEMON_OF'
const LISTENING = 'listening'

/** Whether this process was started by another one to be the daemon. */
export function becomeDaemon(environment: NodeJS.ProcessEnv): boolean {
  const parent = environment[PARENT]
  delete environment[PARENT]
  if (parent !== String(process.ppid) || process.send === undefined) return false
  // The waiting process has ended before the message.
  process.once('disconnect', exitUnheard)
  return true
}

/** The daemon listens: the waiting process may end. */
export function tellListening(): void {
  process.off('disconnect', exitUnheard)
  process.send?.(LISTENING, () => process.disconnect())
}

/** Starts the daemon. Resolves to an exit code once it listens, or has ended. */
export async function startDaemon(words: readonly string[], verbosity: number): Promise<number> {
  const daemon = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...words], {
    detached: true,
    env: { ...process.env, [PARENT]: `${process.pid}` },
    stdio: ['ignore', 'ignore', verbosity > 0 ? 'inherit' : 'pipe', 'ipc'],
  })
  daemon.stderr?.pipe(process.stderr, { end: false })
  return Promise.race([untilListening(daemon), untilEnded(daemon)])
}

async function untilListening(daemon: ChildProcess): Promise<number> {
  await once(daemon, 'message')
  // Earlier messages have arrived as well, and one turn of the event loop delivers them.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  return 0
}

async function untilEnded(daemon: ChildProcess): Promise<number> {
  try {
    const [code] = await once(daemon, 'close')
    return code ?? ExitCode.SOFTWARE
  } catch (error) {
    complain(`-d: ${(error as Error).message}`)
    return ExitCode.SYSTEM
  }
}

function exitUnheard(): void {
  process.exit(ExitCode.SOFTWARE)
}
