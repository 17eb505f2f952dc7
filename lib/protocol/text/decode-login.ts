import { Command } from '../../request/command.js'
import { COMMAND_LINE_LENGTH_MAX, LOGIN_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { Line } from '../line.js'
import { BROKEN, NEED_MORE } from '../protocol.js'
import { findWordEnd } from '../tokens.js'
import { Answer, answerWith } from './answers.js'
import { isValueEnd, VALUE_END_LENGTH } from './decode-value.js'
import { LOGIN } from './verbs.js'

const LENGTH = 4
const WORDS_MIN = 5

/** Before the login everything else is refused. It is a set of any key, with name, space and password as its value. */
export function decodeLogin(bytes: Uint8Array, start: number, end: number, request: Request): number {
  if (!line.begin(bytes, start, end)) return end - start > COMMAND_LINE_LENGTH_MAX ? BROKEN : NEED_MORE
  const { next: valueStart, number } = line
  if (!isLogin()) return answerWith(request, Answer.UNAUTHENTICATED, valueStart)
  // A longer value is not awaited: the next line is a command again.
  if (number.high !== 0 || number.low >>> 0 > LOGIN_LENGTH_MAX) {
    return answerWith(request, Answer.LOGIN_TOO_LONG, valueStart)
  }
  const valueEnd = valueStart + number.low
  const next = valueEnd + VALUE_END_LENGTH
  if (next > end) return NEED_MORE
  if (!isValueEnd(bytes, valueEnd)) return answerWith(request, Answer.BAD_LOGIN_END, next)
  const nameEnd = findWordEnd(bytes, valueStart, valueEnd)
  if (nameEnd === valueEnd) return answerWith(request, Answer.BAD_LOGIN_FORMAT, next)
  request.command = Command.LOG_IN
  request.opcode = LOGIN
  request.keyStart = valueStart
  request.keyEnd = nameEnd
  request.valueStart = nameEnd + 1
  request.valueEnd = valueEnd
  return next
}

const line = new Line()

function isLogin(): boolean {
  line.split()
  line.select(LENGTH)
  return line.count >= WORDS_MIN && line.is(0, 'set') && line.readUnsigned()
}
