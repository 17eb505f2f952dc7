import { Status } from '../../../request/status.js'
import { OPCODES } from '../opcodes.js'
import { STATUSES } from '../statuses.js'

/** The name of an opcode, such as `getkq`, or undefined if it has none. */
export function opcodeName(code: number): string | undefined {
  return OPCODES.find((row) => row.code === code)?.name
}

/** The opcode of that name, or undefined if there is none. */
export function opcodeCode(name: string): number | undefined {
  return OPCODES.find((row) => row.name === name)?.code
}

export type StatusName = keyof typeof Status

/** The name of a status, such as `NOT_FOUND`, or undefined if it has none. */
export function statusName(code: number): StatusName | undefined {
  return STATUS_ROWS.find((row) => row.code === code)?.name
}

/** The status of that name, or undefined if there is none. */
export function statusCode(name: string): number | undefined {
  return STATUS_ROWS.find((row) => row.name === name)?.code
}

/** memcached's text in the value of an error reply with this status; empty if there is none. */
export function statusText(code: number): string {
  return STATUS_ROWS.find((row) => row.code === code)?.text ?? ''
}

const STATUS_ROWS = (Object.keys(Status) as StatusName[]).map((name) => ({ name, ...STATUSES[Status[name]] }))
