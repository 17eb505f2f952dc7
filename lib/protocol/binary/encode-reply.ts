import type { Arena } from '../../arena/arena.js'
import type { Output } from '../../arena/output.js'
import { Command } from '../../request/command.js'
import type { Reply, Statistic } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { writeText, writeWord } from '../write.js'
import {
  BODY_LENGTH,
  CAS,
  DATA_TYPE,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  MAGIC,
  OPAQUE,
  OPCODE,
  REPLY_MAGIC,
  STATUS,
} from './header.js'
import { STATUSES } from './statuses.js'

/** Encodes a reply into bytes: see `Protocol.encodeReply`. */
export function encodeReply(
  arena: Arena,
  request: Request,
  reply: Reply,
  output: Output,
  linkFrom: number,
): void {
  if (isSilent(request, reply)) return
  if (reply.status !== Status.OK) encodeError(arena, request, reply, output)
  else if (reply.hasItem) encodeItem(arena, request, reply, output, linkFrom)
  else if (reply.statistics !== undefined) encodeStatistics(arena, request, reply.statistics, output)
  else if (reply.hasNumber) encodeNumber(arena, request, reply, output)
  else encodeText(arena, request, reply, output, reply.text)
}

/** A quiet get sends no reply to a miss, any other quiet command none to success. Errors are always sent. */
function isSilent(request: Request, reply: Reply): boolean {
  if (!request.isQuiet) return false
  const isGet = request.command === Command.GET || request.command === Command.GET_AND_TOUCH
  return reply.status === (isGet ? Status.NOT_FOUND : Status.OK)
}

function encodeItem(arena: Arena, request: Request, reply: Reply, output: Output, linkFrom: number): void {
  const keyLength = request.wantsKey ? request.keyEnd - request.keyStart : 0
  const { valueLength } = reply
  const body = HEADER_LENGTH + FLAGS_LENGTH + keyLength
  const isLinked = valueLength > linkFrom
  output.ensure(isLinked ? body : body + Math.min(valueLength, output.windowLength - body))
  const { bytes } = arena
  const at = output.cursor
  const bodyLength = FLAGS_LENGTH + keyLength + valueLength
  writeHeader(bytes, at, request, Status.OK, keyLength, FLAGS_LENGTH, bodyLength, reply.casHigh, reply.casLow)
  writeWord(bytes, at + HEADER_LENGTH, reply.clientFlags)
  if (keyLength > 0) arena.move(at + HEADER_LENGTH + FLAGS_LENGTH, request.keyStart, keyLength)
  output.cursor = at + body
  const { value } = reply
  for (let index = 0; index < value.count; index++) {
    if (isLinked) output.link(value.starts[index]!, value.lengths[index]!)
    else output.copy(arena, value.starts[index]!, value.lengths[index]!)
  }
}

function encodeError(arena: Arena, request: Request, reply: Reply, output: Output): void {
  const { bytes } = arena
  if (reply.status === Status.NOT_FOUND && request.wantsKey) {
    const keyLength = request.keyEnd - request.keyStart
    output.ensure(HEADER_LENGTH + keyLength)
    writeHeader(bytes, output.cursor, request, reply.status, keyLength, 0, keyLength, 0, 0)
    arena.move(output.cursor + HEADER_LENGTH, request.keyStart, keyLength)
    output.cursor += HEADER_LENGTH + keyLength
  } else {
    encodeText(arena, request, reply, output, reply.text === '' ? STATUSES[reply.status].text : reply.text)
  }
}

/** A reply whose body is text, or which has none. */
function encodeText(arena: Arena, request: Request, reply: Reply, output: Output, text: string): void {
  const { bytes } = arena
  output.ensure(HEADER_LENGTH + text.length)
  const at = output.cursor
  writeHeader(bytes, at, request, reply.status, 0, 0, text.length, reply.casHigh, reply.casLow)
  output.cursor = writeText(bytes, at + HEADER_LENGTH, text)
}

function encodeNumber(arena: Arena, request: Request, reply: Reply, output: Output): void {
  const { bytes } = arena
  output.ensure(HEADER_LENGTH + NUMBER_LENGTH)
  const at = output.cursor
  writeHeader(bytes, at, request, Status.OK, 0, 0, NUMBER_LENGTH, reply.casHigh, reply.casLow)
  writeWord(bytes, at + HEADER_LENGTH, reply.numberHigh)
  writeWord(bytes, at + HEADER_LENGTH + 4, reply.numberLow)
  output.cursor = at + HEADER_LENGTH + NUMBER_LENGTH
}

/** A packet for each, and an empty one at the end. */
function encodeStatistics(
  arena: Arena,
  request: Request,
  statistics: readonly Statistic[],
  output: Output,
): void {
  const { bytes } = arena
  for (const [name, value] of [...statistics, END_OF_STATISTICS]) {
    const nameLength = Buffer.byteLength(name)
    const valueLength = Buffer.byteLength(value)
    output.ensure(HEADER_LENGTH)
    writeHeader(bytes, output.cursor, request, Status.OK, nameLength, 0, nameLength + valueLength, 0, 0)
    output.cursor += HEADER_LENGTH
    output.write(bytes, Buffer.from(name + value))
  }
}

const END_OF_STATISTICS: Statistic = ['', '']

function writeHeader(
  bytes: Uint8Array,
  at: number,
  request: Request,
  status: Status,
  keyLength: number,
  extrasLength: number,
  bodyLength: number,
  casHigh: number,
  casLow: number,
): void {
  bytes[at + MAGIC] = REPLY_MAGIC
  bytes[at + OPCODE] = request.opcode
  bytes[at + KEY_LENGTH] = keyLength >>> 8
  bytes[at + KEY_LENGTH + 1] = keyLength
  bytes[at + EXTRAS_LENGTH] = extrasLength
  bytes[at + DATA_TYPE] = 0
  bytes[at + STATUS] = 0
  bytes[at + STATUS + 1] = status === Status.OK ? 0 : STATUSES[status].code
  writeWord(bytes, at + BODY_LENGTH, bodyLength)
  writeWord(bytes, at + OPAQUE, request.opaque)
  writeWord(bytes, at + CAS, casHigh)
  writeWord(bytes, at + CAS + 4, casLow)
}

const FLAGS_LENGTH = 4
const NUMBER_LENGTH = 8
