import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'

/** The core of a process, so that servers and load generator never take time from each other. */
export const SERVER_CORE = 0
export const LOAD_CORE = 1

const STOP_MS_MAX = 5_000

const running = new Set<ChildProcess>()

/** Whether processes can be pinned: the machine has `taskset` and both cores. */
export const CAN_PIN = [SERVER_CORE, LOAD_CORE].every(
  (core) => spawnSync('taskset', ['-c', `${core}`, 'true']).status === 0,
)

/**
 * Starts a command on a core, or on any, with a channel for messages. taskset becomes the command, so the pid is that of the
 * command.
 */
export function startProcess(
  command: readonly string[],
  core: number | undefined,
  environment = process.env,
): ChildProcess {
  const [program, ...given] =
    CAN_PIN && core !== undefined ? ['taskset', '-c', `${core}`, ...command] : command
  const child = spawn(program!, given, { env: environment, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  showErrorsAtFailure(child)
  return child
}

/** Messages of a process that ends without an error would appear in the middle of a table. */
function showErrorsAtFailure(child: ChildProcess): void {
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-ERROR_LENGTH_MAX)
  })
  child.once('close', (code) => {
    if (code !== 0 && code !== null) process.stderr.write(said)
  })
}

const ERROR_LENGTH_MAX = 4096

/** Keeps this process away from the servers' core. */
export function moveToLoadCore(): void {
  if (CAN_PIN) spawnSync('taskset', ['-a', '-c', '-p', `${LOAD_CORE}`, `${process.pid}`])
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await ended
  clearTimeout(timer)
}

/** Those that still run keep this process alive: they have a channel to it. */
export async function stopProcesses(): Promise<void> {
  await Promise.all([...running].map(stopProcess))
}

/** However this process ends, its children end too. */
export function stopProcessesAtExit(): void {
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL')
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
}

/** The next message of a child; rejects if the child ends instead. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController()
  const ended = once(child, 'exit', waiting).then(([code, signal]) => {
    throw new Error(`ended with ${code ?? signal}: ${child.spawnargs.join(' ')}`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', waiting), ended])
    return message
  } finally {
    waiting.abort()
  }
}
