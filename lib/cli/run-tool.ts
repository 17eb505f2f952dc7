import { once } from 'node:events'
import type { Io } from './arguments/sub-command.js'
import { ExitCode } from './exit-codes.js'
import { Interruption } from './interruption.js'
import { runSubCommand } from './run-sub-command.js'
import { terminal } from './terminal.js'

/** Runs a tool as the whole of this process, which ends with its exit code once all its output is written. */
export async function runTool(words: readonly string[]): Promise<never> {
  const interruption = new Interruption()
  const io = processIo(interruption)
  let code: ExitCode = ExitCode.SOFTWARE
  try {
    code = await runSubCommand(words, io)
  } catch (error) {
    if (!interruption.hasCome) io.complain(error instanceof Error ? `${error.stack}` : String(error))
  }
  if (interruption.hasCome && !interruption.isOrderlyEnd) interruption.end()
  // If nobody reads any more, this write ends the process.
  process.exitCode = code
  await new Promise((resolve) => process.stdout.write('', resolve))
  process.exit(code)
}

/**
 * The streams of this process. The reader of the output may end early (`keepcached decode | head`), and a terminal may be
 * closed (EIO): then the tool ends.
 */
function processIo(interruption: Interruption): Io {
  const { stdin, stdout, stderr } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    // Node aborts in process.exit if its terminal is gone.
    interruption.come(error.code === 'EIO' ? 'SIGHUP' : 'nobody reads')
  })
  stderr.on('error', () => undefined)
  return {
    environment: process.env,
    input: stdin,
    async write(bytes) {
      if (!stdout.write(bytes) && stdout.writable) await once(stdout, 'drain')
    },
    terminal: stdin.isTTY && stdout.isTTY ? terminal : undefined,
    showProgress: stderr.isTTY ? (line) => stderr.write(`\r${line}\x1b[K`) : undefined,
    complain(message) {
      stderr.write(`keepcached: ${message}\n`)
    },
    interruption: (endsTool) => interruption.heed(endsTool),
  }
}
