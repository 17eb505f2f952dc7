import {
  DATA_TYPE,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  OPCODE,
  STATUS,
} from '../../protocol/binary/header.js'
import { EXTRA_LENGTHS, OPCODES, type Opcode } from '../../protocol/binary/opcodes.js'
import {
  type Frame,
  REPLY_MAGIC,
  type ReplyFrame,
  type RequestFrame,
  statusName,
} from '../../protocol/index.js'

/** The violations of the rules in a whole frame, and the byte that shows each. */
export interface Fault {
  readonly place: number
  readonly reason: string
}

const KEY_LENGTH_MAX = 250
const RULES = new Map(OPCODES.map((row) => [row.code, row]))
const EXTRAS_LENGTHS = new Map(
  OPCODES.map(({ code, extras }) => [code, extras.reduce((sum, name) => sum + EXTRA_LENGTHS[name], 0)]),
)
const FLAGS_LENGTH = EXTRA_LENGTHS.clientFlags
const NONE: readonly Fault[] = []

export function faultsOf(frame: Frame, valueLength = frame.value.length): readonly Fault[] {
  const faults = frame.magic === REPLY_MAGIC ? faultsOfReply(frame) : faultsOfRequest(frame, valueLength)
  if (frame.dataType === 0) return faults
  return [...faults, { place: DATA_TYPE, reason: `the data type is ${frame.dataType}, not 0` }]
}

/** A reply with an item has its flags, and no other reply has extras. */
function faultsOfReply({ status, extras }: ReplyFrame): readonly Fault[] {
  const isSound =
    (status === 0 || statusName(status) !== undefined) && [0, FLAGS_LENGTH].includes(extras.length)
  if (isSound) return NONE
  return [
    ...when(statusName(status) === undefined, STATUS, 'no status has this number'),
    ...wrongExtras(extras, ![0, FLAGS_LENGTH].includes(extras.length)),
  ]
}

function faultsOfRequest(frame: RequestFrame, valueLength: number): readonly Fault[] {
  const { key, extras, opcode } = frame
  const rule = RULES.get(opcode)
  if (rule === undefined) return [{ place: OPCODE, reason: `no opcode has this number` }]
  const valuePlace = HEADER_LENGTH + extras.length + key.length
  const isSound =
    (rule.key === 'none' ? key.length === 0 : key.length <= KEY_LENGTH_MAX) &&
    (rule.key !== 'required' || key.length > 0) &&
    (rule.value !== 'none' || valueLength === 0) &&
    !hasWrongExtras(rule, extras)
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
    ...wrongExtras(extras, hasWrongExtras(rule, extras)),
  ]
}

function hasWrongExtras(rule: Opcode, { length }: Buffer): boolean {
  return length !== EXTRAS_LENGTHS.get(rule.code) && !(rule.extrasAreOptional && length === 0)
}

const wrongExtras = ({ length }: Buffer, isSo: boolean): Fault[] =>
  when(isSo, EXTRAS_LENGTH, `extras of ${length} bytes are not those of this opcode`)

const when = (isSo: boolean, place: number, reason: string): Fault[] => (isSo ? [{ place, reason }] : [])
