/**
 * Leaving the terminal. Node cannot fork, so a second process becomes the daemon, in a session of its own, and the first one
 * waits for what comes of it:
 *
 *     keepcached -d ── starts ──▶ the same again, detached
 *          │ ◀──── "listening" ─────── │
 *        exits 0                       serves         or, when it ends instead: exits with its code
 *
 * What the daemon says until then goes where the first one's errors go; later only what -v asks for does. It stays in its
 * directory, so that relative paths go on meaning what they meant.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { complain } from './complain.js'
import { ExitCode } from './exit-codes.js'

/** Tells the second process what it is: the process id of the first one. */
const PARENT = '_KEEPCACHED_DAEMON_OF'
const LISTENING = 'listening'

/** Whether this process is the one that another started to be the daemon. */
export function becomeDaemon(environment: NodeJS.ProcessEnv): boolean {
  const parent = environment[PARENT]
  delete environment[PARENT]
  if (parent !== String(process.ppid) || process.send === undefined) return false
  // Who waits has gone before there is anything to say.
  process.once('disconnect', exitUnheard)
  return true
}

/** The daemon listens: the process that waits for it may go. */
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
  // What it said before has arrived as well, and one round of the event loop brings it.
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
