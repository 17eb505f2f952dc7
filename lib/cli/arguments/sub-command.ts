import type { ExitCode } from '../exit-codes.js'
import type { ParsedArguments } from './parsed-arguments.js'

/** An option of a sub-command. Help and shell completion are made from these rows. */
export interface OptionRow {
  /** Without its dashes. */
  readonly name: string
  /** The name of its argument in the help, such as `FILE`; none for a switch. */
  readonly argument?: string
  readonly help: string
  /** The completions of the argument. */
  readonly completes?: 'file'
}

export interface SubCommand {
  readonly name: string
  /** One line for the list of sub-commands. */
  readonly summary: string
  /** The words after the name, as in the help, such as `KEY [VALUE]`. */
  readonly operands: string
  readonly operandCount: readonly [min: number, max: number]
  /** The completions of an operand. */
  readonly completes?: 'file' | readonly string[]
  readonly options: readonly OptionRow[]
  /** Paragraphs of the help. */
  readonly details: readonly string[]
  /** Exit codes of this command, and their meaning. */
  readonly exits: Readonly<Partial<Record<ExitCode, string>>>
  /** Loads only the tool that runs: help and the server must not wait for the others. */
  readonly load: () => Promise<Run>
}

/** `commands` is the table of all commands, for help and completion. */
export type Run = (given: ParsedArguments, io: Io, commands: readonly SubCommand[]) => Promise<ExitCode>

export interface Terminal {
  readonly columns: number
  readonly rows: number
  /** Keys come as they are typed, ctrl-C too, until the returned function is called. */
  onKeys(listener: (keys: string) => void): () => void
}

/** The process, as a sub-command sees it. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Standard input. */
  readonly input: AsyncIterable<Buffer>
  /** To standard output. Resolves when there is room for more. */
  write(bytes: string | Uint8Array): Promise<void>
  /** Where standard output goes and keys come from, if both are a terminal. */
  readonly terminal: Terminal | undefined
  /** Shows a line that the next one replaces, on standard error; undefined unless that is a terminal. */
  readonly showProgress: ((line: string) => void) | undefined
  /** To standard error: one line, with the program's name before it. */
  complain(message: string): void
  /**
   * For a tool that has to clean up: from now on a signal aborts this, and the tool has a moment to clean up. With `endsTool`
   * SIGINT and SIGTERM are the ordinary end of a tool: the process ends with its exit code, and else by the signal.
   */
  interruption(endsTool?: boolean): AbortSignal
}
