import {
  DATA_TYPE,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  OPCODE,
  STATUS,
} from '../../protocol/binary/header.js'
import { OPCODES } from '../../protocol/binary/opcodes.js'
import { type Frame, REPLY_MAGIC, type RequestFrame, readExtras, statusName } from '../../protocol/index.js'

/** What a whole frame says against the rules, and which of its bytes says it. */
export interface Fault {
  readonly place: number
  readonly reason: string
}

const KEY_LENGTH_MAX = 250
const RULES = new Map(OPCODES.map((row) => [row.code, row]))
const NONE: readonly Fault[] = []

export function faultsOf(frame: Frame, valueLength = frame.value.length): readonly Fault[] {
  const faults =
    frame.magic === REPLY_MAGIC ? faultsOfReply(frame.status) : faultsOfRequest(frame, valueLength)
  const extras = readExtras(frame)
  if (frame.dataType === 0 && extras !== undefined && faults.length === 0) return NONE
  return [
    ...faults,
    ...when(frame.dataType !== 0, DATA_TYPE, `the data type is ${frame.dataType}, not 0`),
    ...when(
      extras === undefined,
      EXTRAS_LENGTH,
      `extras of ${frame.extras.length} bytes are not those of this opcode`,
    ),
  ]
}

function faultsOfReply(status: number): readonly Fault[] {
  return status === 0 || statusName(status) !== undefined
    ? NONE
    : [{ place: STATUS, reason: 'no status has this number' }]
}

function faultsOfRequest(frame: RequestFrame, valueLength: number): readonly Fault[] {
  const { key, extras, opcode } = frame
  const rule = RULES.get(opcode)
  if (rule === undefined) return [{ place: OPCODE, reason: `no opcode has this number` }]
  const valuePlace = HEADER_LENGTH + extras.length + key.length
  const isSound =
    (rule.key === 'none' ? key.length === 0 : key.length <= KEY_LENGTH_MAX) &&
    (rule.key !== 'required' || key.length > 0) &&
    (rule.value !== 'none' || valueLength === 0)
  if (isSound) return NONE
  return [
    ...when(rule.key === 'none' && key.length > 0, KEY_LENGTH, `${rule.name} takes no key`),
    ...when(rule.key === 'required' && key.length === 0, KEY_LENGTH, `${rule.name} needs a key`),
    ...when(
      key.length > KEY_LENGTH_MAX,
      KEY_LENGTH,
      `a key of ${key.length} bytes is longer than ${KEY_LENGTH_MAX}`,
    ),
    ...when(rule.value === 'none' && valueLength > 0, valuePlace, `${rule.name} takes no value`),
  ]
}

const when = (isSo: boolean, place: number, reason: string): Fault[] => (isSo ? [{ place, reason }] : [])
