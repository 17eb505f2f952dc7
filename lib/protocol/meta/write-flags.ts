import type { Arena } from '../../arena/arena.js'
import * as ascii from '../../arena/ascii.js'
import { Command } from '../../request/command.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import { findWordEnd, skipSpaces } from '../tokens.js'
import { writeNumber, writeNumber64, writeText } from '../write.js'
import { writeBase64 } from './base64.js'

const { SPACE } = ascii

/** The expiry of the item according to the flags so far; one record serves all replies. */
const time = { leftSeconds: 0, isForEver: false }

/** Returns the flags that the request asked for, in order. The result of `t` depends on the flags before it. */
export function writeFlags(
  arena: Arena,
  start: number,
  request: Request,
  reply: Reply,
  hasItem: boolean,
): number {
  const { bytes } = arena
  const { flagsEnd } = request
  const facts = reply.item
  time.leftSeconds = facts.expiry - facts.now
  time.isForEver = facts.expiry === 0
  const kind = kindOf(request.command)
  let at = start
  for (let flag = skipSpaces(bytes, request.flagsStart, flagsEnd); flag < flagsEnd; ) {
    const wordEnd = findWordEnd(bytes, flag, flagsEnd)
    const letter = bytes[flag]!
    if (letter === OPAQUE) at = writeOpaque(arena, at, flag, wordEnd)
    else if (letter === KEY) at = writeKey(arena, writeLetter(bytes, at, KEY), request)
    else if (letter === TOUCH && request.command !== Command.META_WAIT) passTime(request.expiry, facts.now)
    else if (letter === VIVIFY && facts.isNew) passTime(request.vivifyExpiry, facts.now)
    else if ((TELLERS[letter]! & kind) !== 0 && (hasItem || kind === ReplyKind.STORE)) {
      at = writeFact(bytes, writeLetter(bytes, at, letter), letter, request, reply, hasItem)
    }
    flag = skipSpaces(bytes, wordEnd, flagsEnd)
  }
  return at
}

/** What the commands share. A store returns the item's fields even if nothing was stored. */
const ReplyKind = { GET: 1, STORE: 2, COUNT: 4, DELETE: 8 } as const
type ReplyKind = (typeof ReplyKind)[keyof typeof ReplyKind]

function kindOf(command: Command): ReplyKind {
  switch (command) {
    case Command.META_GET:
    case Command.META_WAIT:
      return ReplyKind.GET
    case Command.DELETE:
      return ReplyKind.DELETE
    case Command.INCREMENT:
    case Command.DECREMENT:
      return ReplyKind.COUNT
    default:
      return ReplyKind.STORE
  }
}

/** The fields of an item, letter by letter. */
function writeFact(
  bytes: Uint8Array,
  at: number,
  letter: number,
  request: Request,
  reply: Reply,
  hasItem: boolean,
): number {
  const { now, accessTime, wasFetched } = reply.item
  switch (letter) {
    case CAS:
      return writeNumber64(bytes, at, reply.casHigh, reply.casLow)
    case SIZE:
      return writeNumber(bytes, at, hasItem ? reply.valueLength : request.valueEnd - request.valueStart)
    case TIME_LEFT:
      return time.isForEver
        ? writeText(bytes, at, '-1')
        : writeNumber(bytes, at, Math.max(0, time.leftSeconds))
    case CLIENT_FLAGS:
      return writeNumber(bytes, at, reply.clientFlags)
    case LAST_ACCESS:
      return writeNumber(bytes, at, Math.max(0, now - accessTime))
    default:
      return writeNumber(bytes, at, wasFetched ? 1 : 0)
  }
}

function passTime(expiry: number, now: number): void {
  time.isForEver = expiry === 0
  time.leftSeconds = expiry > RELATIVE_EXPIRY_MAX_SECONDS ? expiry - now : expiry
}

export function writeLetter(bytes: Uint8Array, at: number, letter: number): number {
  bytes[at] = SPACE
  bytes[at + 1] = letter
  return at + 2
}

function writeOpaque(arena: Arena, at: number, start: number, end: number): number {
  arena.bytes[at] = SPACE
  arena.move(at + 1, start, end - start)
  return at + 1 + end - start
}

/** The key as it was sent: in base64 if the request had it so. */
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

const code = (letter: string): number => letter.charCodeAt(0)

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

/** The kinds of commands that return the field of a letter. */
const TELLERS = new Uint8Array(256)
TELLERS[CAS] = ReplyKind.GET | ReplyKind.STORE | ReplyKind.COUNT
TELLERS[SIZE] = ReplyKind.GET | ReplyKind.STORE
TELLERS[TIME_LEFT] = ReplyKind.GET | ReplyKind.COUNT
TELLERS[CLIENT_FLAGS] = ReplyKind.GET
TELLERS[LAST_ACCESS] = ReplyKind.GET
TELLERS[HIT_BEFORE] = ReplyKind.GET
