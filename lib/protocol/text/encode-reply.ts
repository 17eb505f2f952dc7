import type { Arena } from '../../arena/arena.js'
import * as ascii from '../../arena/ascii.js'
import type { Output } from '../../arena/output.js'
import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Reply, Statistic } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { NO_VERB } from '../../request/session.js'
import { Status } from '../../request/status.js'
import { encodeMeta } from '../meta/encode-reply.js'
import {
  LINE_END_LENGTH,
  NUMBER_LENGTH_MAX,
  writeLineEnd,
  writeNumber,
  writeNumber64,
  writeText,
} from '../write.js'
import { ANSWERS, Answer, OUTCOMES } from './answers.js'
import { encodeLine, encodeValue } from './encode-line.js'
import { ANSWERED, LOGIN, Outcomes, Shape, VERBS } from './verbs.js'

const { SPACE } = ascii

/** Encodes a reply into bytes, of the text or the meta protocol: see `Protocol.encodeReply`. */
export function encodeReply(
  arena: Arena,
  request: Request,
  reply: Reply,
  output: Output,
  linkFrom: number,
): void {
  const { opcode } = request
  if (opcode >= ANSWERED) {
    if (request.isQuiet) return
    encodeLine(
      arena,
      output,
      opcode === LOGIN ? OUTCOMES[Outcomes.LOGIN][reply.status] : ANSWERS[request.answer as Answer],
    )
    return
  }
  const { shape, outcomes, wantsCas } = VERBS[opcode]!
  switch (shape) {
    case Shape.KEYS:
    case Shape.TOUCHED_KEYS:
      if (reply.hasItem) encodeItem(arena, request, reply, output, linkFrom, wantsCas)
      if (request.isLastKey) encodeLine(arena, output, endOfKeys(reply.status, outcomes))
      return
    case Shape.META:
    case Shape.META_VALUE:
      encodeMeta(arena, request, reply, output, linkFrom)
      return
    case Shape.WORDS:
    case Shape.ANYTHING:
      encodeWords(arena, request, reply, output)
      return
    case Shape.PREFIX:
      // Otherwise the connection is parked.
      if (!request.isQuiet && reply.status !== Status.CONTINUE)
        encodeLine(arena, output, OUTCOMES[outcomes][reply.status])
      return
    default:
      if (request.isQuiet) return
      if (reply.hasNumber) encodeCount(arena, reply, output)
      else encodeLine(arena, output, OUTCOMES[outcomes][reply.status])
  }
}

/** Misses end with END; an expiry that could not be changed is an error. */
const endOfKeys = (status: Status, outcomes: Outcomes): string =>
  status === Status.TEMPORARY_FAILURE ? OUTCOMES[outcomes][status] : 'END'

const VALUE = 'VALUE '
/** Three numbers, the spaces before them, the verb's own word, and the end of the line. */
const ITEM_LINE_LENGTH_MAX = VALUE.length + KEY_LENGTH_MAX + 3 * (NUMBER_LENGTH_MAX + 1) + LINE_END_LENGTH

/** `VALUE key clientFlags length[ cas]` and the value. */
function encodeItem(
  arena: Arena,
  request: Request,
  reply: Reply,
  output: Output,
  linkFrom: number,
  wantsCas: boolean,
): void {
  const { bytes } = arena
  output.ensure(ITEM_LINE_LENGTH_MAX)
  const keyLength = request.keyEnd - request.keyStart
  let at = writeText(bytes, output.cursor, VALUE)
  arena.move(at, request.keyStart, keyLength)
  at += keyLength
  bytes[at] = SPACE
  at = writeNumber(bytes, at + 1, reply.clientFlags)
  bytes[at] = SPACE
  at = writeNumber(bytes, at + 1, reply.valueLength)
  if (wantsCas) {
    bytes[at] = SPACE
    at = writeNumber64(bytes, at + 1, reply.casHigh, reply.casLow)
  }
  output.cursor = writeLineEnd(bytes, at)
  encodeValue(arena, reply, output, linkFrom)
}

function encodeCount(arena: Arena, reply: Reply, output: Output): void {
  output.ensure(NUMBER_LENGTH_MAX + LINE_END_LENGTH)
  const end = writeNumber64(arena.bytes, output.cursor, reply.numberHigh, reply.numberLow)
  output.cursor = writeLineEnd(arena.bytes, end)
}

/** Replies that are not about one item. */
function encodeWords(arena: Arena, request: Request, reply: Reply, output: Output): void {
  const { bytes } = arena
  const { command, session } = request
  const isSilent = command === Command.QUIT || (command === Command.SHUT_DOWN && reply.status === Status.OK)
  if (isSilent || request.isQuiet) return
  if (command === Command.LIST || command === Command.LIST_NEXT) {
    // A reply that the decoder knew, unless the command was refused.
    const isAnswered = command === Command.LIST && request.answer !== Answer.NONE && reply.text === ''
    if (isAnswered) encodeLine(arena, output, ANSWERS[request.answer as Answer])
    else output.write(bytes, Buffer.from(reply.text, 'latin1'))
    if (session.list === undefined) session.openVerb = NO_VERB
  } else if (reply.statistics !== undefined) {
    encodeStatistics(arena, reply.statistics, output, ANSWERS[request.answer as Answer])
  } else if (command === Command.VERSION) {
    encodeLine(arena, output, `VERSION ${reply.text}`)
  } else if (reply.text !== '') {
    encodeLine(arena, output, reply.text)
  } else {
    encodeLine(arena, output, OUTCOMES[VERBS[request.opcode]!.outcomes][reply.status])
  }
}

function encodeStatistics(arena: Arena, statistics: readonly Statistic[], output: Output, end: string): void {
  const [first] = statistics
  // The only group whose lines have another format.
  const text =
    first?.[0] === 'detailed'
      ? first[1]
      : `${statistics.map(([name, value]) => `STAT ${name} ${value}\r\n`).join('')}${end}\r\n`
  output.write(arena.bytes, Buffer.from(text, 'latin1'))
}
