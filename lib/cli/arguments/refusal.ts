import type { ExitCode } from '../exit-codes.js'

/** Ends a sub-command early: one sentence for standard error, and the exit code. */
export class Refusal extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
