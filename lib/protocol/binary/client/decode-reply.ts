import { NEED_MORE } from '../../../net/codecs/codec.js'
import type { Input } from '../../../net/codecs/input.js'
import { Command } from '../../../request/command.js'
import { REPLY_VALUE_LENGTH_MAX } from '../../../request/limits.js'
import { Status } from '../../../request/status.js'
import { replyError } from '../../client/reply-error.js'
import { ReplyKind, ReplyMessage } from '../../client/reply-message.js'
import type { RequestMessage } from '../../client/request-message.js'
import {
  BODY_LENGTH,
  CAS,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  OPAQUE,
  OPCODE,
  REPLY_MAGIC,
  STATUS,
} from '../header.js'
import { OPCODES } from '../opcodes.js'
import { STATUSES } from '../statuses.js'

/** Reads the frames of a server. */
export class ReplyDecoder {
  private readonly reply = new ReplyMessage()

  /** See `Codec.decode`. */
  decode(input: Input): ReplyMessage | typeof NEED_MORE {
    const { bytes, start } = input
    const length = input.end - start
    if (length > 0 && bytes[start] !== REPLY_MAGIC) throw replyError('not a frame of a reply', input)
    if (length < HEADER_LENGTH) return needMore(input, HEADER_LENGTH)
    const keyLength = (bytes[start + KEY_LENGTH]! << 8) | bytes[start + KEY_LENGTH + 1]!
    const valueOffset = bytes[start + EXTRAS_LENGTH]! + keyLength
    const bodyLength = readWord(bytes, start + BODY_LENGTH) >>> 0
    if (valueOffset > bodyLength) throw replyError('the lengths of a frame disagree', input)
    if (bodyLength > BODY_LENGTH_MAX) throw replyError('a frame that is too long', input)
    const frameLength = HEADER_LENGTH + bodyLength
    if (length < frameLength) return needMore(input, frameLength)
    this.readFrame(input, valueOffset - keyLength, keyLength, start + frameLength)
    input.start = start + frameLength
    input.neededLength = 0
    return this.reply
  }

  private readFrame(input: Input, extrasLength: number, keyLength: number, end: number): void {
    const { reply } = this
    const { bytes, start } = input
    const opcode = bytes[start + OPCODE]!
    const status = statusOf(bytes, start)
    reply.begin(bytes, start)
    reply.end = end
    reply.status = status
    reply.opcode = opcode
    reply.hasOpaque = true
    reply.opaque = readWord(bytes, start + OPAQUE) >>> 0
    reply.casHigh = readWord(bytes, start + CAS) >>> 0
    reply.casLow = readWord(bytes, start + CAS + 4) >>> 0
    reply.keyStart = start + HEADER_LENGTH + extrasLength
    reply.keyEnd = reply.keyStart + keyLength
    reply.valueStart = reply.keyEnd
    reply.valueEnd = end
    if (status !== Status.OK && status !== Status.CONTINUE) {
      // The value of an error is a text for people.
      reply.textStart = reply.valueStart
      reply.textEnd = end
      reply.valueEnd = reply.valueStart
      return
    }
    const command = COMMANDS[opcode]!
    reply.hasValue = MAY_HAVE_VALUE[command] === 1
    switch (command) {
      case Command.GET:
      case Command.GET_AND_TOUCH:
        if (extrasLength !== FLAGS_LENGTH) throw replyError('an item without its client flags', input)
        reply.clientFlags = readWord(bytes, start + HEADER_LENGTH) >>> 0
        return
      case Command.INCREMENT:
      case Command.DECREMENT:
        if (end - reply.valueStart !== NUMBER_LENGTH) throw replyError('a counter without its number', input)
        return
      case Command.NOOP:
        reply.kind = ReplyKind.END
        return
      case Command.STATS:
        // An empty frame ends the list.
        reply.kind = keyLength === 0 && reply.valueStart === end ? ReplyKind.END : ReplyKind.STATISTIC
        reply.hasValue = reply.kind === ReplyKind.STATISTIC
        return
      case Command.VERSION:
        reply.textStart = reply.valueStart
        reply.textEnd = end
    }
  }
}

/** Whether the opcode is one of the request's command. A batch ends with the reply to a NOOP. */
export function mayAnswer({ command, keys }: RequestMessage, { opcode }: ReplyMessage): boolean {
  const answered = COMMANDS[opcode]
  return answered === command || (answered === Command.NOOP && keys !== undefined)
}

function needMore(input: Input, length: number): typeof NEED_MORE {
  input.neededLength = length
  return NEED_MORE
}

const readWord = (bytes: Buffer, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

const FLAGS_LENGTH = 4
const NUMBER_LENGTH = 8
/** Room for extras and a key of any length beside the longest value. */
const BODY_LENGTH_MAX = REPLY_VALUE_LENGTH_MAX + 0xffff + 0xff

/** The command of each opcode. */
const COMMANDS: Command[] = new Array(256).fill(Command.UNKNOWN)
for (const { code, command } of OPCODES) COMMANDS[code] = command

/** A 1 for each command whose replies have a value, though it may be empty. */
const MAY_HAVE_VALUE = new Uint8Array(32)
for (const command of [
  Command.GET,
  Command.GET_AND_TOUCH,
  Command.INCREMENT,
  Command.DECREMENT,
  Command.STATS,
  Command.VERSION,
  Command.SASL_MECHANISMS,
  Command.SASL_START,
  Command.SASL_STEP,
]) {
  MAY_HAVE_VALUE[command] = 1
}

/** The status of each code below 256. Others, of proxies and other servers, are errors of the server. */
const BY_CODE: Status[] = new Array(256).fill(Status.INTERNAL_ERROR)
for (const status of Object.values(Status)) {
  // Of two statuses with one code, the first is the one that the code is named after.
  if (BY_CODE[STATUSES[status].code] === Status.INTERNAL_ERROR) BY_CODE[STATUSES[status].code] = status
}
/** Codes that our server does not send: not supported, busy. */
BY_CODE[0x83] = Status.UNKNOWN_COMMAND
BY_CODE[0x85] = Status.TEMPORARY_FAILURE

function statusOf(bytes: Buffer, start: number): Status {
  return bytes[start + STATUS] === 0 ? BY_CODE[bytes[start + STATUS + 1]!]! : Status.INTERNAL_ERROR
}
