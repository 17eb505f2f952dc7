import type { Arena } from '../../arena/arena.js'
import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX, READ_LENGTH } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { BROKEN, NEED_MORE } from '../protocol.js'
import {
  BODY_LENGTH,
  CAS,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  MAGIC,
  OPAQUE,
  OPCODE,
  REQUEST_MAGIC,
} from './header.js'
import { COMMANDS, EXTRAS_SHIFT, RULES, Rule } from './rules.js'

/** Decodes bytes of the arena into a request: see `Protocol.decodeRequest`. */
export function decodeRequest(arena: Arena, start: number, end: number, request: Request): number {
  const { bytes } = arena
  if (start === end) return NEED_MORE
  if (bytes[start + MAGIC] !== REQUEST_MAGIC) return BROKEN
  if (end - start < HEADER_LENGTH) return NEED_MORE

  const opcode = bytes[start + OPCODE]!
  const keyLength = (bytes[start + KEY_LENGTH]! << 8) | bytes[start + KEY_LENGTH + 1]!
  const extrasLength = bytes[start + EXTRAS_LENGTH]!
  const bodyLength = readWord(bytes, start + BODY_LENGTH)
  const known = COMMANDS[opcode]!
  const rule = RULES[opcode]!

  request.command = known < 0 ? Command.UNKNOWN : (known as Command)
  request.opcode = opcode
  request.isQuiet = (rule & Rule.QUIET) !== 0
  request.wantsKey = (rule & Rule.WITH_KEY) !== 0
  request.opaque = readWord(bytes, start + OPAQUE)
  request.casHigh = readWord(bytes, start + CAS)
  request.casLow = readWord(bytes, start + CAS + 4)
  request.traits = request.casHigh === 0 && request.casLow === 0 ? 0 : Trait.NAMES_CAS
  request.staged = undefined
  request.refusal = refusalOf(rule, known, keyLength, extrasLength, bodyLength)
  if (request.refusal !== Status.OK) {
    // The end of a request with an impossible length is unknown. The parts of a body may be longer than it: then all
    // of them may come.
    return bodyLength < 0 ? end : start + HEADER_LENGTH + Math.max(bodyLength, extrasLength + keyLength)
  }
  const total = HEADER_LENGTH + bodyLength

  const available = end - start
  const keyStart = start + HEADER_LENGTH + extrasLength
  const valueStart = keyStart + keyLength
  // A long value arrives in pieces; everything else has to be here.
  if (available < total && (total <= READ_LENGTH || available < valueStart - start)) return NEED_MORE

  request.keyStart = keyStart
  request.keyEnd = valueStart
  request.valueStart = valueStart
  request.valueEnd = start + total
  readExtras(bytes, start + HEADER_LENGTH, extrasLength, request)
  return start + total
}

function refusalOf(
  rule: number,
  known: number,
  keyLength: number,
  extrasLength: number,
  bodyLength: number,
): Status {
  if (bodyLength < 0) return Status.INVALID_ARGUMENTS
  if (keyLength + extrasLength > bodyLength) return Status.UNKNOWN_COMMAND
  if (keyLength > KEY_LENGTH_MAX) return Status.INVALID_ARGUMENTS
  if (known < 0 || known === Command.UNKNOWN) return Status.OK
  if (keyLength === 0 ? (rule & Rule.KEY_REQUIRED) !== 0 : (rule & Rule.KEY_ALLOWED) === 0) {
    return Status.INVALID_ARGUMENTS
  }
  if (
    extrasLength !== rule >>> EXTRAS_SHIFT &&
    !(extrasLength === 0 && (rule & Rule.EXTRAS_OPTIONAL) !== 0)
  ) {
    return Status.INVALID_ARGUMENTS
  }
  const hasValue = bodyLength > keyLength + extrasLength
  return hasValue && (rule & Rule.VALUE_ALLOWED) === 0 ? Status.INVALID_ARGUMENTS : Status.OK
}

/** Each kind of extras has another length, so the length decides the kind. */
function readExtras(bytes: Uint8Array, at: number, length: number, request: Request): void {
  if (length === 0) {
    request.clientFlags = 0
    request.expiry = 0
  } else if (length === 4) {
    request.expiry = readWord(bytes, at) >>> 0
  } else if (length === 8) {
    request.clientFlags = readWord(bytes, at)
    request.expiry = readWord(bytes, at + 4) >>> 0
  } else if (length === 20) {
    request.deltaHigh = readWord(bytes, at)
    request.deltaLow = readWord(bytes, at + 4)
    request.initialHigh = readWord(bytes, at + 8)
    request.initialLow = readWord(bytes, at + 12)
    const expiry = readWord(bytes, at + 16)
    request.createsCounter = expiry !== DO_NOT_CREATE
    request.expiry = expiry >>> 0
  }
}

/** With the expiry 0xffffffff a missing counter is not created. */
const DO_NOT_CREATE = -1

/** Four bytes as a signed number: it stays off the heap whatever its value. */
const readWord = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
