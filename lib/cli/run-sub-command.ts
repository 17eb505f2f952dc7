import { ClientError, type ClientErrorCode } from '../check/client/client-error.js'
import { parseArguments } from './arguments/arguments.js'
import { Refusal } from './arguments/refusal.js'
import type { Io } from './arguments/sub-command.js'
import { ExitCode } from './exit-codes.js'
import { subCommandHelp } from './help/help.js'
import { findSubCommand, SUB_COMMANDS } from './sub-commands.js'

/** Runs the sub-command in the first word. Returns the exit code of the process. */
export async function runSubCommand(words: readonly string[], io: Io): Promise<ExitCode> {
  const [name = '', ...rest] = words
  const command = findSubCommand(name)
  if (command === undefined) {
    io.complain(`${name}: there is no such command; 'keepcached help' lists all commands`)
    return ExitCode.USAGE
  }
  if (asksForHelp(rest)) {
    await io.write(subCommandHelp(command))
    return ExitCode.OK
  }
  try {
    const given = parseArguments(command, rest)
    const run = await command.load()
    return await run(given, io, SUB_COMMANDS)
  } catch (error) {
    const exitCode = exitCodeOf(error)
    if (exitCode === undefined) throw error
    io.complain((error as Error).message)
    return exitCode
  }
}

function exitCodeOf(error: unknown): ExitCode | undefined {
  if (error instanceof ClientError) return CLIENT_EXITS[error.code]
  return error instanceof Refusal ? error.exitCode : undefined
}

const CLIENT_EXITS: Readonly<Record<ClientErrorCode, ExitCode>> = {
  BAD_ADDRESS: ExitCode.USAGE,
  UNREACHABLE: ExitCode.UNAVAILABLE,
  SILENT: ExitCode.UNAVAILABLE,
  RESET: ExitCode.UNAVAILABLE,
  LOGIN_REFUSED: ExitCode.NO_PERMISSION,
  REQUEST_REFUSED: ExitCode.PROTOCOL,
  WRONG_PROTOCOL: ExitCode.PROTOCOL,
}

/** The words before a lone `--`, after which words are not options. */
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return (end === -1 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h')
}
