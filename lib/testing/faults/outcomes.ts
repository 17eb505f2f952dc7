import { Status } from '../../request/status.js'

/** The names of results in the log, and of errors in faults. */
export const OUTCOMES = {
  [Status.OK]: 'ok',
  [Status.NOT_FOUND]: 'not found',
  [Status.EXISTS]: 'exists',
  [Status.TOO_LARGE]: 'too large',
  [Status.INVALID_ARGUMENTS]: 'invalid arguments',
  [Status.NOT_STORED]: 'not stored',
  [Status.NOT_A_NUMBER]: 'not a number',
  [Status.UNAUTHENTICATED]: 'unauthenticated',
  [Status.CONTINUE]: 'continue',
  [Status.UNKNOWN_COMMAND]: 'unknown command',
  [Status.OUT_OF_MEMORY]: 'out of memory',
  [Status.BAD_DATA]: 'bad data',
  [Status.TEMPORARY_FAILURE]: 'temporary failure',
  [Status.INTERNAL_ERROR]: 'internal error',
} as const satisfies Readonly<Record<Status, string>>

export type Outcome = (typeof OUTCOMES)[Status]

/** The results that are errors. */
export type ErrorName = Exclude<Outcome, 'ok' | 'continue'> | 'busy' | 'not supported'

/** The status of each error that commands can have. */
export const ERROR_STATUSES: ReadonlyMap<string, Status> = new Map(
  Object.entries(OUTCOMES)
    .filter(([, name]) => name !== 'ok' && name !== 'continue')
    .map(([status, name]) => [name, Number(status) as Status]),
)

/** Errors of the binary protocol that no command of this server has. In the other protocols they are a SERVER_ERROR. */
export const FOREIGN_ERRORS: ReadonlyMap<string, { readonly code: number; readonly text: string }> = new Map([
  ['busy', { code: 0x85, text: 'Busy' }],
  ['not supported', { code: 0x83, text: 'Not supported' }],
])

export const ERROR_NAMES: readonly string[] = [...ERROR_STATUSES.keys(), ...FOREIGN_ERRORS.keys()]
