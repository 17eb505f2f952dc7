import { Command } from '../../request/command.js'
import { COMMAND_LINE_LENGTH_MAX, LOGIN_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { number, readUnsigned } from '../numbers.js'
import { BROKEN, NEED_MORE } from '../protocol.js'
import { endOfWords, findLineFeed, findWordEnd, Words } from '../tokens.js'
import { Answer } from './answers.js'
import { isValueEnd, VALUE_END_LENGTH } from './decode-value.js'
import { answerWith } from './refuse.js'
import { LOGIN } from './verbs.js'

const words = new Words()
const LENGTH = 4
const WORDS_MIN = 5

/**
 * Before the login all else is refused: it is a set of any key, with the name, a space and the password as its value.
 */
export function decodeLogin(bytes: Uint8Array, start: number, end: number, request: Request): number {
  const lineFeed = findLineFeed(bytes, start, end)
  if (lineFeed < 0) return end - start > COMMAND_LINE_LENGTH_MAX ? BROKEN : NEED_MORE
  words.split(bytes, start, endOfWords(bytes, start, lineFeed))
  const isLogin =
    words.count >= WORDS_MIN &&
    words.is(bytes, 0, 'set') &&
    readUnsigned(bytes, words.starts[LENGTH]!, words.ends[LENGTH]!)
  const valueStart = lineFeed + 1
  if (!isLogin) return answerWith(request, Answer.UNAUTHENTICATED, valueStart)
  // What is said to be so long is not waited for: the next line is a command again.
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
