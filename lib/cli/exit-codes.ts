/** Exit codes: 0 and 1 as in shells, the others as in sysexits.h. */
export const ExitCode = {
  OK: 0,
  /** A miss, a failed check, a server that does not answer a ping, a violation of the protocol. */
  NO: 1,
  /** The command line is wrong. */
  USAGE: 64,
  /** A file cannot be read. */
  NO_INPUT: 66,
  /** The server cannot be reached, or the connection was closed. */
  UNAVAILABLE: 69,
  /** A defect of the program. */
  SOFTWARE: 70,
  /** The system refuses something: a port, a user. */
  SYSTEM: 71,
  /** Time is up: try again. */
  TIME_UP: 75,
  /** The server refuses the request, or its reply does not belong to it. */
  PROTOCOL: 76,
  /** The server refuses the login. */
  NO_PERMISSION: 77,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
