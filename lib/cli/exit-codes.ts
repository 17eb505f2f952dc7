/** Exit codes: 0 and 1 as shells read them, the others as sysexits.h has them. */
export const ExitCode = {
  OK: 0,
  /** A miss, a check that failed, a server that does not answer a ping, bytes that are not the protocol. */
  NO: 1,
  /** The command line is wrong. */
  USAGE: 64,
  /** A file cannot be read. */
  NO_INPUT: 66,
  /** The server cannot be reached, or went away. */
  UNAVAILABLE: 69,
  /** A fault of the program. */
  SOFTWARE: 70,
  /** The system refuses something: a port, a user. */
  SYSTEM: 71,
  /** The server refuses the request, or answers what is no answer to it. */
  PROTOCOL: 76,
  /** The server refuses the login. */
  NO_PERMISSION: 77,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
