import { fromHalves } from '../../../arena/decimal.js'
import { NEED_MORE } from '../../../net/codecs/codec.js'
import type { Input } from '../../../net/codecs/input.js'
import { REPLY_LINE_LENGTH_MAX, REPLY_VALUE_LENGTH_MAX } from '../../../request/limits.js'
import { replyError } from '../../client/reply-error.js'
import { ReplyLine } from '../../client/reply-line.js'
import { ReplyKind, ReplyMessage } from '../../client/reply-message.js'
import { MetaLine, readMetaLine } from '../../meta/client/decode-reply.js'
import { isBegin, NO_STATUS, statusOfLine } from './reply-words.js'

/** Reads the replies of a server, of the text and of the meta protocol: they share connections line by line. */
export class ReplyDecoder {
  private readonly reply = new ReplyMessage()
  private readonly line = new ReplyLine()

  /** See `Codec.decode`. */
  decode(input: Input): ReplyMessage | typeof NEED_MORE {
    const { line, reply } = this
    const { bytes, start } = input
    if (start === input.end) return NEED_MORE
    if (bytes[start] === LETTER_V && this.readPlainItem(input)) return reply
    if (!isPrintable(bytes[start]!)) throw replyError('not a line of a reply', input)
    if (!line.begin(input)) {
      if (line.isTooLong) throw replyError('a line that is too long', input)
      return NEED_MORE
    }
    reply.begin(bytes, start)
    const hasValue = this.readLine(input)
    if (hasValue && !this.readValue(input)) return NEED_MORE
    reply.end = line.next
    input.start = line.next
    input.neededLength = 0
    line.finish()
    return reply
  }

  /**
   * Reads `VALUE key clientFlags length\r\nvalue\r\n` in one pass, as almost every item of a batch is. False: it is another
   * line, or not whole, or not right; nothing was read then.
   */
  private readPlainItem(input: Input): boolean {
    const { bytes, start } = input
    const end = Math.min(input.end, start + REPLY_LINE_LENGTH_MAX)
    if (!isBegin(bytes, start, end, VALUE)) return false
    const keyStart = start + VALUE.length
    let at = keyStart
    while (at < end && bytes[at]! > SPACE) at++
    const keyEnd = at
    if (at === end || at === keyStart || bytes[at++] !== SPACE) return false
    const flagsStart = at
    let clientFlags = 0
    while (at < end && isDigit(bytes[at]!)) clientFlags = clientFlags * 10 + bytes[at++]! - ZERO
    if (at === end || !isShortNumber(flagsStart, at) || bytes[at++] !== SPACE) return false
    const lengthStart = at
    let length = 0
    while (at < end && isDigit(bytes[at]!)) length = length * 10 + bytes[at++]! - ZERO
    if (end - at < LINE_END_LENGTH || !isShortNumber(lengthStart, at) || !isLineEnd(bytes, at)) return false
    const valueStart = at + LINE_END_LENGTH
    const valueEnd = valueStart + length
    if (
      length > REPLY_VALUE_LENGTH_MAX ||
      valueEnd + LINE_END_LENGTH > input.end ||
      !isLineEnd(bytes, valueEnd)
    )
      return false
    const { reply } = this
    reply.begin(bytes, start)
    reply.kind = ReplyKind.ITEM
    reply.keyStart = keyStart
    reply.keyEnd = keyEnd
    reply.clientFlags = clientFlags
    reply.hasValue = true
    reply.valueStart = valueStart
    reply.valueEnd = valueEnd
    reply.end = valueEnd + LINE_END_LENGTH
    input.start = reply.end
    input.neededLength = 0
    this.line.finish()
    return true
  }

  /** Whether a value of `line.valueLength` bytes follows. */
  private readLine(input: Input): boolean {
    const { line, reply } = this
    switch (readMetaLine(line, reply)) {
      case MetaLine.READ:
        return false
      case MetaLine.WITH_VALUE:
        return true
      case MetaLine.BROKEN:
        throw replyError('a meta line that is not understood', input)
    }
    const { bytes, start, end } = line
    switch (bytes[start]) {
      case LETTER_V:
        if (isBegin(bytes, start, end, VALUE)) return this.readItem(input, VALUE.length)
        if (isBegin(bytes, start, end, VERSION)) {
          this.readVersion()
          return false
        }
        break
      case LETTER_C:
        // ElastiCache lists its nodes so.
        if (isBegin(bytes, start, end, CONFIG)) return this.readItem(input, CONFIG.length)
        break
      case LETTER_S:
        if (isBegin(bytes, start, end, STATISTIC)) {
          this.readStatistic(input)
          return false
        }
        break
      case LETTER_E:
        if (end - start === END.length && isBegin(bytes, start, end, END)) {
          reply.kind = ReplyKind.END
          return false
        }
    }
    this.readOther(input)
    return false
  }

  /** `VALUE key clientFlags length [cas]` */
  private readItem(input: Input, wordLength: number): boolean {
    const { line, reply } = this
    const { number } = line
    line.skip(wordLength - 1)
    if (!line.nextWord()) throw brokenItem(input)
    reply.kind = ReplyKind.ITEM
    reply.keyStart = line.wordStart
    reply.keyEnd = line.wordEnd
    if (!line.nextNumber()) throw brokenItem(input)
    reply.clientFlags = fromHalves(number.high, number.low)
    if (!line.nextNumber()) throw brokenItem(input)
    line.valueLength = fromHalves(number.high, number.low)
    if (line.hasMore) {
      if (!line.nextNumber() || line.hasMore) throw brokenItem(input)
      reply.casHigh = number.high >>> 0
      reply.casLow = number.low >>> 0
    }
    return true
  }

  /** The value behind the line, and the end of its own line. False if it has not arrived. */
  private readValue(input: Input): boolean {
    const { line, reply } = this
    const { valueLength } = line
    if (valueLength > REPLY_VALUE_LENGTH_MAX) throw replyError('a value that is too long', input)
    const valueStart = line.next
    const valueEnd = valueStart + valueLength
    const { bytes } = input
    if (input.end < valueEnd + LINE_END_LENGTH) {
      input.neededLength = valueEnd + LINE_END_LENGTH - input.start
      return false
    }
    if (bytes[valueEnd] !== CARRIAGE_RETURN || bytes[valueEnd + 1] !== LINE_FEED) {
      throw replyError('a value that does not end at its length', input)
    }
    reply.hasValue = true
    reply.valueStart = valueStart
    reply.valueEnd = valueEnd
    line.next = valueEnd + LINE_END_LENGTH
    return true
  }

  /** `STAT name value`: the value may be empty, or have spaces. */
  private readStatistic(input: Input): void {
    const { line, reply } = this
    line.skip(STATISTIC.length - 1)
    if (!line.nextWord()) throw replyError('a statistic without its name', input)
    reply.kind = ReplyKind.STATISTIC
    reply.keyStart = line.wordStart
    reply.keyEnd = line.wordEnd
    this.readRest(Math.min(line.wordEnd + 1, line.end))
  }

  private readVersion(): void {
    const { line, reply } = this
    this.readRest(line.start + VERSION.length)
    reply.textStart = reply.valueStart
    reply.textEnd = reply.valueEnd
  }

  private readRest(start: number): void {
    const { reply } = this
    reply.hasValue = true
    reply.valueStart = start
    reply.valueEnd = this.line.end
  }

  /** A status, a number, or a line of a list. */
  private readOther(input: Input): void {
    const { reply } = this
    const { bytes, start, end } = this.line
    reply.textStart = start
    reply.textEnd = end
    const status = statusOfLine(bytes, start, end)
    if (status !== NO_STATUS) {
      reply.status = status
    } else if (isNumber(bytes, start, end)) {
      this.readRest(start)
    } else {
      if (!isText(bytes, start, end)) throw replyError('a line that is not text', input)
      reply.kind = ReplyKind.LINE
    }
  }
}

const brokenItem = (input: Input) => replyError('an item whose line is not understood', input)

const isLineEnd = (bytes: Buffer, at: number): boolean =>
  bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE

const isShortNumber = (start: number, end: number): boolean => end > start && end - start <= SHORT_DIGITS_MAX

/** A first byte of a word: of the replies none begins otherwise. */
const isPrintable = (byte: number): boolean => byte > SPACE && byte < DELETE

function isNumber(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > DIGITS_MAX) return false
  for (let at = start; at < end; at++) if (bytes[at]! < ZERO || bytes[at]! > NINE) return false
  return true
}

/** Text may have any bytes of UTF-8, and no control characters. */
function isText(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! < SPACE || bytes[at] === DELETE) return false
  return true
}

const VALUE = Buffer.from('VALUE ')
const VERSION = Buffer.from('VERSION ')
const CONFIG = Buffer.from('CONFIG ')
const STATISTIC = Buffer.from('STAT ')
const END = Buffer.from('END')
const LETTER_C = 0x43
const LETTER_E = 0x45
const LETTER_S = 0x53
const LETTER_V = 0x56
const SPACE = 0x20
const DELETE = 0x7f
const CARRIAGE_RETURN = 0x0d
const LINE_FEED = 0x0a
const ZERO = 0x30
const NINE = 0x39
const DIGITS_MAX = 20
/** So many digits stay within 31 bits. */
const SHORT_DIGITS_MAX = 9
const LINE_END_LENGTH = 2
