import type { ExitCode } from './exit-codes.js'
import type { ParsedArguments } from './parsed-arguments.js'

/** An option of a sub-command. Help and shell completion are made of these rows. */
export interface OptionRow {
  /** Without its dashes. */
  readonly name: string
  /** What stands for its argument in the help, such as `FILE`; none for a switch. */
  readonly argument?: string
  readonly help: string
  /** What a shell may offer as the argument. */
  readonly completes?: 'file'
}

export interface SubCommand {
  readonly name: string
  /** One line for the list of sub-commands. */
  readonly summary: string
  /** The words behind the name, as the help shows them, such as `KEY [VALUE]`. */
  readonly operands: string
  readonly operandCount: readonly [min: number, max: number]
  /** What a shell may offer as an operand. */
  readonly completes?: 'file' | readonly string[]
  readonly options: readonly OptionRow[]
  /** Paragraphs of the help. */
  readonly details: readonly string[]
  /** Exit codes that mean something here, and what. */
  readonly exits: Readonly<Partial<Record<ExitCode, string>>>
  /** Only what runs is loaded: help and the server must not wait for the tools. */
  readonly load: () => Promise<Run>
}

/** `commands` is the table of all, for those that speak of it. */
export type Run = (given: ParsedArguments, io: Io, commands: readonly SubCommand[]) => Promise<ExitCode>

/** What a sub-command sees of the process. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Standard input. */
  readonly input: AsyncIterable<Buffer>
  /** To standard output. Resolves when there is room for more. */
  write(bytes: string | Uint8Array): Promise<void>
  /** To standard error: one line, with the program's name before it. */
  complain(message: string): void
  /** For a tool that leaves something behind: from now on a signal to end aborts this, and the tool has a moment to tidy up. */
  interruption(): AbortSignal
}
