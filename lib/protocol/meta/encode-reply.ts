import type { Arena } from '../../arena/arena.js'
import type { Output } from '../../arena/output.js'
import { Command } from '../../request/command.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { OUTCOMES } from '../text/answers.js'
import { encodeLine, encodeValue } from '../text/encode-line.js'
import { Outcomes } from '../text/verbs.js'
import { digitsOf, writeLineEnd, writeNumber, writeNumber64, writeText } from '../write.js'
import { writeBase64 } from './base64.js'
import { writeFlags, writeLetter } from './write-flags.js'

/** A reply to one meta line: two letters, and the flags that the request asked for, in its order. */
export function encodeMeta(
  arena: Arena,
  request: Request,
  reply: Reply,
  output: Output,
  linkFrom: number,
): void {
  const { command } = request
  const status = statusFor(command, request, reply)
  if (status === Status.OK && command === Command.DESCRIBE) {
    encodeDescription(arena, request, reply, output)
    return
  }
  const code = codeOf(command, status)
  if (code === '') {
    // It waits: the reply comes later.
    if (status !== Status.CONTINUE) encodeLine(arena, output, OUTCOMES[outcomesOf(command)][status])
    return
  }
  const isGet = isGetting(command)
  if (request.isQuiet && isExpected(command, status, reply)) return
  output.ensure(LINE_LENGTH_MAX)
  const { bytes } = arena
  const hasValue =
    status === Status.OK &&
    (request.traits & Trait.VALUE) !== 0 &&
    (isGet ? !reply.item.isKnown : isCount(command))
  let at = output.cursor
  if (hasValue) {
    at = writeText(bytes, at, 'VA ')
    at = writeNumber(bytes, at, isGet ? reply.valueLength : digitsOf(reply.numberHigh, reply.numberLow))
  } else {
    at = writeText(bytes, at, code)
  }
  at = writeFlags(arena, at, request, reply, status === Status.OK)
  if (isGet && status === Status.OK) at = writeMarks(bytes, at, reply)
  output.cursor = writeLineEnd(bytes, at)
  if (!hasValue) return
  if (isGet) {
    encodeValue(arena, reply, output, linkFrom)
  } else {
    at = writeNumber64(bytes, output.cursor, reply.numberHigh, reply.numberLow)
    output.cursor = writeLineEnd(bytes, at)
  }
}

/** What a quiet request hides. The creation of a missing counter is not hidden. */
function isExpected(command: Command, status: Status, reply: Reply): boolean {
  if (isGetting(command)) return status === Status.NOT_FOUND
  return status === Status.OK && !(isCount(command) && reply.item.isNew)
}

/** The longest key in base64, an opaque, and a dozen numbers. */
const LINE_LENGTH_MAX = 1024

const isGetting = (command: Command): boolean => command === Command.META_GET || command === Command.META_WAIT

function outcomesOf(command: Command): Outcomes {
  if (command === Command.META_WAIT) return Outcomes.WAIT
  return isCount(command) ? Outcomes.COUNT : Outcomes.CAS
}

const isCount = (command: Command): boolean => command === Command.INCREMENT || command === Command.DECREMENT

/** An add, a replace or an append that did not store returns only that, unless the cas was the reason. */
function statusFor(command: Command, request: Request, reply: Reply): Status {
  const { status } = reply
  if (status !== Status.EXISTS && status !== Status.NOT_FOUND) return status
  const isStore = command === Command.ADD || command === Command.REPLACE
  return isStore && (request.traits & Trait.NAMES_CAS) === 0 ? Status.NOT_STORED : status
}

/** The two letters of a result; none for an error. */
function codeOf(command: Command, status: Status): string {
  switch (status) {
    case Status.OK:
      return 'HD'
    case Status.NOT_FOUND:
      return isGetting(command) || command === Command.DESCRIBE ? 'EN' : 'NF'
    case Status.EXISTS:
      return 'EX'
    case Status.NOT_STORED:
      return 'NS'
    default:
      return ''
  }
}

/** Whether the client renews the item, and whether the item is stale. */
function writeMarks(bytes: Uint8Array, start: number, reply: Reply): number {
  const { wasWon, isStale, isWon } = reply.item
  let at = start
  if (wasWon) at = writeLetter(bytes, at, WON_BEFORE)
  if (isStale) at = writeLetter(bytes, at, STALE)
  return isWon ? writeLetter(bytes, at, WON) : at
}

/** The only reply that is meant for people. */
function encodeDescription(arena: Arena, request: Request, reply: Reply, output: Output): void {
  const { bytes } = arena
  const { expiry, now, accessTime, wasFetched } = reply.item
  output.ensure(LINE_LENGTH_MAX)
  let at = writeText(bytes, output.cursor, 'ME ')
  const keyLength = request.keyEnd - request.keyStart
  if ((request.traits & Trait.BASE64_KEY) !== 0) {
    at = writeBase64(bytes, at, request.keyStart, keyLength)
  } else {
    arena.move(at, request.keyStart, keyLength)
    at += keyLength
  }
  at = writeText(
    bytes,
    at,
    ` exp=${expiry === 0 ? -1 : expiry - now} la=${Math.max(0, now - accessTime)} cas=`,
  )
  at = writeNumber64(bytes, at, reply.casHigh, reply.casLow)
  at = writeText(bytes, at, ` fetch=${wasFetched ? 'yes' : 'no'} cls=1 size=${reply.valueLength}`)
  output.cursor = writeLineEnd(bytes, at)
}

const WON_BEFORE = 'Z'.charCodeAt(0)
const STALE = 'X'.charCodeAt(0)
const WON = 'W'.charCodeAt(0)
