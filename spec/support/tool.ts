import { setMaxListeners } from 'node:events'
import type { Io } from '../../lib/cli/arguments/sub-command.js'
import { runSubCommand } from '../../lib/cli/run-sub-command.js'

interface ServerControl {
  readonly input?: Buffer | readonly Buffer[]
  readonly environment?: Io['environment']
  readonly terminal?: Io['terminal']
  readonly showProgress?: Io['showProgress']
  readonly onWrite?: (text: string) => void
}

/** Runs a sub-command in this process: its exit code, and what it wrote. */
export async function runTool(
  words: readonly string[],
  { input = [], environment = {}, terminal, showProgress, onWrite }: ServerControl = {},
) {
  const written: Buffer[] = []
  const complaints: string[] = []
  const code = await runSubCommand(words, {
    environment,
    input: chunksOf(Buffer.isBuffer(input) ? [input] : input),
    async write(bytes) {
      written.push(Buffer.from(bytes as Uint8Array))
      onWrite?.(`${bytes}`)
    },
    terminal,
    showProgress,
    complain: (message) => complaints.push(message),
    interruption: () => {
      const { signal } = new AbortController()
      // As in the tool itself.
      setMaxListeners(0, signal)
      return signal
    },
  })
  const bytes = Buffer.concat(written)
  return { code, bytes, out: bytes.toString(), complaints }
}

async function* chunksOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}
