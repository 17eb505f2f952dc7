import { fromHalves } from '../../../arena/decimal.js'
import { Status } from '../../../request/status.js'
import type { ReplyLine } from '../../client/reply-line.js'
import { ReplyKind, type ReplyMessage } from '../../client/reply-message.js'

/** What the two letters of a reply mean. */
interface Code {
  readonly letters: string
  readonly status: Status
  readonly kind: ReplyKind
  readonly hasValue: boolean
}

const row = (letters: string, status: Status, kind: ReplyKind, hasValue = false): Code => ({
  letters,
  status,
  kind,
  hasValue,
})

const CODES: readonly Code[] = [
  row('HD', Status.OK, ReplyKind.RESULT),
  row('VA', Status.OK, ReplyKind.RESULT, true),
  row('EN', Status.NOT_FOUND, ReplyKind.RESULT),
  row('NF', Status.NOT_FOUND, ReplyKind.RESULT),
  row('NS', Status.NOT_STORED, ReplyKind.RESULT),
  row('EX', Status.EXISTS, ReplyKind.RESULT),
  row('MN', Status.OK, ReplyKind.END),
  row('ME', Status.OK, ReplyKind.RESULT),
]

const A = 0x41
const Z = 0x5a

/** The codes by their two letters. */
const BY_LETTERS: (Code | undefined)[] = new Array(26 * 26).fill(undefined)
for (const code of CODES) BY_LETTERS[placeOf(code.letters.charCodeAt(0), code.letters.charCodeAt(1))] = code

function placeOf(first: number, second: number): number {
  return first >= A && first <= Z && second >= A && second <= Z ? (first - A) * 26 + second - A : -1
}

/** What a line is to the meta protocol. */
export const MetaLine = {
  /** A reply of the text protocol. */
  OTHER: 0,
  READ: 1,
  /** Read, and a value of the length that the line names follows. */
  WITH_VALUE: 2,
  BROKEN: 3,
} as const
export type MetaLine = (typeof MetaLine)[keyof typeof MetaLine]

/** Reads `XX [length] [flag …]` into the reply, which has been begun. The length is left in the line. */
export function readMetaLine(line: ReplyLine, reply: ReplyMessage): MetaLine {
  const { bytes, start, end } = line
  const length = end - start
  if (length < LETTERS_LENGTH || (length > LETTERS_LENGTH && bytes[start + LETTERS_LENGTH] !== SPACE)) {
    return MetaLine.OTHER
  }
  const place = placeOf(bytes[start]!, bytes[start + 1]!)
  const code = place < 0 ? undefined : BY_LETTERS[place]
  if (code === undefined) return MetaLine.OTHER
  reply.kind = code.kind
  reply.status = code.status
  reply.code = code.letters
  line.skip(LETTERS_LENGTH)
  if (code === DESCRIPTION) return readDescription(line, reply)
  if (!code.hasValue) return readFlags(line, reply) ? MetaLine.READ : MetaLine.BROKEN
  if (!line.nextNumber()) return MetaLine.BROKEN
  line.valueLength = fromHalves(line.number.high, line.number.low)
  return readFlags(line, reply) ? MetaLine.WITH_VALUE : MetaLine.BROKEN
}

/** `ME key name=value …`: its words are no flags. */
function readDescription(line: ReplyLine, reply: ReplyMessage): MetaLine {
  if (!line.nextWord()) return MetaLine.BROKEN
  reply.keyStart = line.wordStart
  reply.keyEnd = line.wordEnd
  reply.textStart = Math.min(line.wordEnd + 1, line.end)
  reply.textEnd = line.end
  return MetaLine.READ
}

/** Reads the flags that a client needs with every reply. The others stay in the reply's text: `readMetaFlags`. */
function readFlags(line: ReplyLine, reply: ReplyMessage): boolean {
  reply.textStart = Math.min(line.wordEnd + 1, line.end)
  reply.textEnd = line.end
  while (line.hasMore) {
    // memcached ends some lines with a space.
    if (!line.nextWord()) return line.wordEnd === line.end
    if (!readFlag(line, reply)) return false
  }
  return true
}

function readFlag(line: ReplyLine, reply: ReplyMessage): boolean {
  const { bytes, wordStart, number } = line
  const argument = wordStart + 1
  switch (bytes[wordStart]) {
    case CLIENT_FLAGS:
      if (!line.readNumber(argument)) return false
      reply.clientFlags = fromHalves(number.high, number.low)
      return true
    case CAS:
      if (!line.readNumber(argument)) return false
      reply.casHigh = number.high >>> 0
      reply.casLow = number.low >>> 0
      return true
    case OPAQUE:
      // Another one than a number is the caller's own.
      reply.hasOpaque = line.readNumber(argument) && number.high === 0
      if (reply.hasOpaque) reply.opaque = number.low >>> 0
      return true
    case KEY:
      reply.keyStart = argument
      reply.keyEnd = line.wordEnd
      return true
    case BASE64:
      reply.isBase64Key = true
  }
  return true
}

const code = (letter: string): number => letter.charCodeAt(0)

const DESCRIPTION = CODES.find(({ letters }) => letters === 'ME')!
const LETTERS_LENGTH = 2
const SPACE = code(' ')
const BASE64 = code('b')
const CAS = code('c')
const CLIENT_FLAGS = code('f')
const KEY = code('k')
const OPAQUE = code('O')
