import type { Arena } from '../../arena/arena.js'
import type { Output } from '../../arena/output.js'
import { Command } from '../../request/command.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { OUTCOMES } from '../text/answers.js'
import { encodeLine, encodeValue } from '../text/encode-line.js'
import { Outcomes } from '../text/verbs.js'
import { findWordEnd, skipSpaces } from '../tokens.js'
import { digitsOf, writeLineEnd, writeNumber, writeNumber64, writeText } from '../write.js'
import { writeBase64 } from './base64.js'

/** A reply to one line of the meta protocol: two letters, and the flags that the request asked back, in its order. */
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
    encodeLine(arena, output, OUTCOMES[isCount(command) ? Outcomes.COUNT : Outcomes.CAS][status])
    return
  }
  const isGet = command === Command.META_GET
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
  at = writeFlags(arena, at, request, reply, status)
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

/** What a quiet request leaves unsaid. That a counter was not there, and has been made, does not go without saying. */
function isExpected(command: Command, status: Status, reply: Reply): boolean {
  if (command === Command.META_GET) return status === Status.NOT_FOUND
  return status === Status.OK && !(isCount(command) && reply.item.isNew)
}

/** The longest key in base64, an opaque, and a dozen numbers. */
const LINE_LENGTH_MAX = 1024

const isCount = (command: Command): boolean => command === Command.INCREMENT || command === Command.DECREMENT

/** An add, a replace or an append that did not store says that and no more, unless the cas was the reason. */
function statusFor(command: Command, request: Request, reply: Reply): Status {
  const { status } = reply
  if (status !== Status.EXISTS && status !== Status.NOT_FOUND) return status
  const isStore = command === Command.ADD || command === Command.REPLACE
  return isStore && (request.traits & Trait.NAMES_CAS) === 0 ? Status.NOT_STORED : status
}

/** The two letters of an outcome; none for what is an error. */
function codeOf(command: Command, status: Status): string {
  switch (status) {
    case Status.OK:
      return 'HD'
    case Status.NOT_FOUND:
      return command === Command.META_GET || command === Command.DESCRIBE ? 'EN' : 'NF'
    case Status.EXISTS:
      return 'EX'
    case Status.NOT_STORED:
      return 'NS'
    default:
      return ''
  }
}

/** Sends the flags back that ask for it. What there is to say depends on how far the flags before have changed the item. */
function writeFlags(arena: Arena, start: number, request: Request, reply: Reply, status: Status): number {
  const { bytes } = arena
  const { flagsEnd } = request
  const facts = reply.item
  const hasItem = status === Status.OK
  let at = start
  let timeLeft = hasItem ? facts.expiry - facts.now : 0
  let isForEver = facts.expiry === 0
  for (let flag = skipSpaces(bytes, request.flagsStart, flagsEnd); flag < flagsEnd; ) {
    const wordEnd = findWordEnd(bytes, flag, flagsEnd)
    switch (bytes[flag]) {
      case OPAQUE:
        bytes[at] = SPACE
        arena.move(at + 1, flag, wordEnd - flag)
        at += 1 + wordEnd - flag
        break
      case KEY:
        at = writeKey(arena, writeLetter(bytes, at, KEY), request)
        break
      case CAS:
        if (tellsCas(request, hasItem))
          at = writeNumber64(bytes, writeLetter(bytes, at, CAS), reply.casHigh, reply.casLow)
        break
      case SIZE:
        if (isStore(request.command))
          at = writeNumber(
            bytes,
            writeLetter(bytes, at, SIZE),
            hasItem ? reply.valueLength : request.valueEnd - request.valueStart,
          )
        else if (hasItem && request.command === Command.META_GET)
          at = writeNumber(bytes, writeLetter(bytes, at, SIZE), reply.valueLength)
        break
      case TIME_LEFT:
        if (hasItem && tellsTime(request.command)) {
          at = writeLetter(bytes, at, TIME_LEFT)
          at = isForEver ? writeText(bytes, at, '-1') : writeNumber(bytes, at, Math.max(0, timeLeft))
        }
        break
      case VIVIFY:
        if (hasItem && facts.isNew) {
          timeLeft = secondsFrom(request.vivifyExpiry, facts.now)
          isForEver = request.vivifyExpiry === 0
        }
        break
      case TOUCH:
        timeLeft = secondsFrom(request.expiry, facts.now)
        isForEver = request.expiry === 0
        break
      case CLIENT_FLAGS:
        if (hasItem && request.command === Command.META_GET)
          at = writeNumber(bytes, writeLetter(bytes, at, CLIENT_FLAGS), reply.clientFlags)
        break
      case LAST_ACCESS:
        if (hasItem && request.command === Command.META_GET)
          at = writeNumber(
            bytes,
            writeLetter(bytes, at, LAST_ACCESS),
            Math.max(0, facts.now - facts.accessTime),
          )
        break
      case HIT_BEFORE:
        if (hasItem && request.command === Command.META_GET)
          at = writeNumber(bytes, writeLetter(bytes, at, HIT_BEFORE), facts.wasFetched ? 1 : 0)
        break
    }
    flag = skipSpaces(bytes, wordEnd, flagsEnd)
  }
  return at
}

const isStore = (command: Command): boolean => command >= Command.SET && command <= Command.PREPEND

/** A store tells its cas in any case: 0 when nothing was stored. */
const tellsCas = (request: Request, hasItem: boolean): boolean =>
  isStore(request.command) || (hasItem && request.command !== Command.DELETE)

const tellsTime = (command: Command): boolean => command === Command.META_GET || isCount(command)

const secondsFrom = (expiry: number, now: number): number =>
  expiry > RELATIVE_EXPIRY_MAX_SECONDS ? expiry - now : expiry

function writeLetter(bytes: Uint8Array, at: number, letter: number): number {
  bytes[at] = SPACE
  bytes[at + 1] = letter
  return at + 2
}

/** The key as it was sent: in base64 if it came so. */
function writeKey(arena: Arena, at: number, request: Request): number {
  const { bytes } = arena
  const { keyStart } = request
  const keyLength = request.keyEnd - keyStart
  if ((request.traits & Trait.BASE64_KEY) !== 0) {
    return writeLetter(bytes, writeBase64(bytes, at, keyStart, keyLength), BASE64)
  }
  arena.move(at, keyStart, keyLength)
  return at + keyLength
}

/** Who is to renew the item, and whether it is stale. */
function writeMarks(bytes: Uint8Array, start: number, reply: Reply): number {
  const { wasWon, isStale, isWon } = reply.item
  let at = start
  if (wasWon) at = writeLetter(bytes, at, WON_BEFORE)
  if (isStale) at = writeLetter(bytes, at, STALE)
  return isWon ? writeLetter(bytes, at, WON) : at
}

/** The one reply that people read. */
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

const code = (letter: string): number => letter.charCodeAt(0)

const SPACE = 0x20
const OPAQUE = code('O')
const KEY = code('k')
const CAS = code('c')
const SIZE = code('s')
const TIME_LEFT = code('t')
const VIVIFY = code('N')
const TOUCH = code('T')
const CLIENT_FLAGS = code('f')
const LAST_ACCESS = code('l')
const HIT_BEFORE = code('h')
const BASE64 = code('b')
const WON_BEFORE = code('Z')
const STALE = code('X')
const WON = code('W')
