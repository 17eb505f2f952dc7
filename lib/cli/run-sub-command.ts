import { parseArguments } from './arguments.js'
import { ExitCode } from './exit-codes.js'
import { subCommandHelp } from './help.js'
import { Refusal } from './refusal.js'
import type { Io } from './sub-command.js'
import { findSubCommand, SUB_COMMANDS } from './sub-commands.js'

/** Runs the sub-command that the first word names. Returns the exit code of the process. */
export async function runSubCommand(words: readonly string[], io: Io): Promise<ExitCode> {
  const [name = '', ...rest] = words
  const command = findSubCommand(name)
  if (command === undefined) {
    io.complain(`${name}: there is no such command; 'keepcached help' lists those that there are`)
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
    if (!(error instanceof Refusal)) throw error
    io.complain(error.message)
    return error.exitCode
  }
}

/** Before a lone `--`, behind which words are what they are. */
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return (end === -1 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h')
}
