import { Status } from '../../../request/status.js'
import { ANSWERS, Answer, OUTCOMES } from '../answers.js'
import { Outcomes } from '../verbs.js'

/** A line that tells a status. */
interface Row {
  readonly text: Buffer
  readonly status: Status
  /** More words may follow: errors of other servers, and of other versions, say more. */
  readonly isPrefix: boolean
}

const row = (status: Status, text: string, isPrefix = false): Row => ({
  text: Buffer.from(text),
  status,
  isPrefix,
})
const resultRow = (status: Status, outcomes: Outcomes = Outcomes.CAS): Row =>
  row(status, OUTCOMES[outcomes][status])
const errorRow = (status: Status, outcomes: Outcomes = Outcomes.CAS): Row =>
  row(status, OUTCOMES[outcomes][status], true)

/** The first row that fits counts. */
const ROWS: readonly Row[] = [
  resultRow(Status.OK),
  resultRow(Status.OK, Outcomes.DELETE),
  resultRow(Status.OK, Outcomes.TOUCH),
  resultRow(Status.OK, Outcomes.DONE),
  row(Status.OK, ANSWERS[Answer.RESET]),
  resultRow(Status.NOT_FOUND),
  resultRow(Status.EXISTS),
  resultRow(Status.NOT_STORED),

  errorRow(Status.NOT_A_NUMBER),
  errorRow(Status.BAD_DATA),
  errorRow(Status.UNAUTHENTICATED),
  errorRow(Status.UNAUTHENTICATED, Outcomes.LOGIN),
  errorRow(Status.UNAUTHENTICATED, Outcomes.FLUSH),
  errorRow(Status.UNAUTHENTICATED, Outcomes.FLUSH_PREFIX),
  errorRow(Status.UNAUTHENTICATED, Outcomes.WATCH),
  errorRow(Status.UNAUTHENTICATED, Outcomes.SHUTDOWN),
  row(Status.UNAUTHENTICATED, ANSWERS[Answer.BAD_LOGIN_FORMAT], true),
  row(Status.UNAUTHENTICATED, ANSWERS[Answer.LOGIN_TOO_LONG], true),
  row(Status.INVALID_ARGUMENTS, 'CLIENT_ERROR', true),

  errorRow(Status.TOO_LARGE),
  // Also that of a store, which says more.
  errorRow(Status.OUT_OF_MEMORY, Outcomes.COUNT),
  errorRow(Status.TEMPORARY_FAILURE),
  row(Status.INTERNAL_ERROR, 'SERVER_ERROR', true),

  // Before the server closes the connection.
  row(Status.TEMPORARY_FAILURE, 'ERROR Too many open connections', true),
  errorRow(Status.UNKNOWN_COMMAND),
]

/** The rows by their first byte. */
const BY_FIRST_BYTE: readonly (readonly Row[])[] = Array.from({ length: 256 }, (_, byte) =>
  ROWS.filter(({ text }) => text[0] === byte),
)

export const NO_STATUS = -1

/** The status that a line tells, or NO_STATUS. */
export function statusOfLine(bytes: Buffer, start: number, end: number): Status | typeof NO_STATUS {
  const rows = BY_FIRST_BYTE[bytes[start]!]!
  for (let index = 0; index < rows.length; index++) {
    const { text, status, isPrefix } = rows[index]!
    if (isPrefix ? isBegin(bytes, start, end, text) : isWhole(bytes, start, end, text)) return status
  }
  return NO_STATUS
}

const isWhole = (bytes: Buffer, start: number, end: number, text: Buffer): boolean =>
  end - start === text.length && isBegin(bytes, start, end, text)

export function isBegin(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  if (end - start < text.length) return false
  for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text[index]) return false
  return true
}
