import { spellingsOf } from './table/option-row.js'
import { OPTIONS, type OptionName } from './table/options.js'

/** The name of an option, as the reader of a sentence knows it. */
export type NameOption = (name: OptionName) => string

/**
 * Why a server could not start, as a sentence that names options: in `message` as a program gives them, in
 * `commandLineMessage` as they are typed. Both are written at once, because an error of a thread arrives as its fields.
 */
export interface StartError extends Error {
  /** The system's, such as `EADDRINUSE`. */
  readonly code?: string
  readonly commandLineMessage: string
}

export function startError(write: (nameOf: NameOption) => string, cause?: unknown): StartError {
  const error = cause === undefined ? new Error(write(inProgram)) : new Error(write(inProgram), { cause })
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  if (code !== undefined) Object.assign(error, { code })
  // Not enumerable: a program that prints the error needs one sentence.
  return Object.defineProperty(error, 'commandLineMessage', { value: write(typed) }) as StartError
}

/** The sentence for an operator. */
export function commandLineMessageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return (error as Partial<StartError>).commandLineMessage ?? error.message
}

const inProgram: NameOption = (name) => name
const typed: NameOption = (name) => spellingsOf(OPTIONS[name])[0] ?? `-o ${OPTIONS[name].extendedName}`
