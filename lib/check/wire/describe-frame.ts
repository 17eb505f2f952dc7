import {
  type Frame,
  opcodeCode,
  opcodeName,
  REPLY_MAGIC,
  readExtras,
  statusName,
} from '../../protocol/index.js'
import { showBytes, showValue } from './show-bytes.js'

const PREVIEW_LENGTH = 48

/** A frame in one line: its type, then its fields by name. cas and vbucket are left out if they are 0, as usual. */
export function describeFrame(
  frame: Frame,
  valueLength = frame.value.length,
  previewLength = PREVIEW_LENGTH,
): string {
  const isReply = frame.magic === REPLY_MAGIC
  let line = isReply
    ? `reply ${nameOf(frame.opcode)} ${nameOfStatus(frame.status)}`
    : `request ${nameOf(frame.opcode)}`
  if (frame.key.length > 0) line += ` key=${showBytes(frame.key)}`
  if (frame.extras.length > 0) line += showExtras(frame)
  if (frame.cas !== 0n) line += ` cas=${frame.cas}`
  line += ` opaque=0x${frame.opaque.toString(16).padStart(8, '0')}`
  if (!isReply && frame.vbucket !== 0) line += ` vbucket=${frame.vbucket}`
  if (valueLength > 0)
    line += ` ${isCount(frame) ? `number=${frame.value.readBigUInt64BE()}` : showValue(frame.value, valueLength, previewLength)}`
  return line
}

/** The names of extras in the text protocol and in memcached's own documents. */
const EXTRA_NAMES = { clientFlags: 'flags', expiry: 'expiry', delta: 'delta', initial: 'initial' } as const

function showExtras(frame: Frame): string {
  const extras = readExtras(frame)
  if (extras === undefined) return ` extras=${showBytes(frame.extras)}`
  let text = ''
  for (const name in extras)
    text += ` ${EXTRA_NAMES[name as keyof typeof extras]}=${extras[name as keyof typeof extras]}`
  return text
}

const NAMES: readonly string[] = Array.from(
  { length: 256 },
  (_, code) => opcodeName(code) ?? `opcode=0x${hex(code, 2)}`,
)

const nameOf = (opcode: number): string => NAMES[opcode]!

function nameOfStatus(status: number): string {
  return status === 0 ? 'OK' : (statusName(status) ?? `status=0x${hex(status, 4)}`)
}

const COUNTERS: ReadonlySet<number> = new Set(
  ['increment', 'incrementq', 'decrement', 'decrementq'].map((name) => opcodeCode(name)!),
)

/** The value of a counter's reply is a number of eight bytes. */
const isCount = (frame: Frame): boolean =>
  frame.magic === REPLY_MAGIC && frame.status === 0 && frame.value.length === 8 && COUNTERS.has(frame.opcode)

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0')
}
