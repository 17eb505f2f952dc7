import { EXTRA_LENGTHS, OPCODES, type Presence } from '../../lib/protocol/binary/opcodes.js'
import { Command } from '../../lib/request/command.js'
import { KEY_LENGTH_MAX } from '../../lib/request/limits.js'
import { Status } from '../../lib/request/status.js'

/** What a header says about the parts of its request. */
export interface Lengths {
  readonly opcode: number
  readonly keyLength: number
  readonly extrasLength: number
  readonly bodyLength: number
}

/** The row of an opcode that has one, and a command. */
export const rowOf = (opcode: number) =>
  OPCODES.find(({ code, command }) => code === opcode && command !== Command.UNKNOWN)

/** The command that an opcode stands for. */
export const commandOf = (opcode: number): Command => rowOf(opcode)?.command ?? Command.UNKNOWN

/** Why such a request closes the connection, by the rules of its opcode, read row by row; OK if it does not. */
export function refusalOf({ opcode, keyLength, extrasLength, bodyLength }: Lengths): Status {
  if (bodyLength >= 2 ** 31) return Status.INVALID_ARGUMENTS
  const valueLength = bodyLength - keyLength - extrasLength
  if (valueLength < 0) return Status.UNKNOWN_COMMAND
  if (keyLength > KEY_LENGTH_MAX) return Status.INVALID_ARGUMENTS
  const row = rowOf(opcode)
  if (row === undefined) return Status.OK
  const wantedLength = row.extras.reduce((sum, name) => sum + EXTRA_LENGTHS[name], 0)
  const isInOrder =
    isAllowed(row.key, keyLength) &&
    isAllowed(row.value, valueLength) &&
    (extrasLength === wantedLength || (extrasLength === 0 && row.extrasAreOptional))
  return isInOrder ? Status.OK : Status.INVALID_ARGUMENTS
}

function isAllowed(presence: Presence, length: number): boolean {
  return presence === 'optional' || length > 0 === (presence === 'required')
}
