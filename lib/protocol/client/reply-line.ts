import { Halves, readDecimal } from '../../arena/decimal.js'
import type { Input } from '../../net/codecs/input.js'
import { REPLY_LINE_LENGTH_MAX } from '../../request/limits.js'
import { endOfWords, findLineFeed, findWordEnd } from '../tokens.js'

/**
 * The line of a server that is being decoded. Its words are separated by one space each.
 *
 * ```
 *  start          wordStart    wordEnd        end  next
 *    ▼                      ▼  ▼               ▼    ▼
 *    V A L U E   s k y   0   4   9             \r \n  b l u e \r \n ...
 * ```
 */
export class ReplyLine {
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  next = 0
  wordStart = 0
  wordEnd = 0
  /** The number that `nextNumber` read last. */
  readonly number = new Halves()
  /** The length of the value behind the line, if one follows. */
  valueLength = 0
  /** How many bytes from the start of the input have no line feed: they are not searched again. */
  private searchedLength = 0

  /** Begins the line at the start of the input. False if its end has not arrived. */
  begin(input: Input): boolean {
    const { bytes, start } = input
    const end = Math.min(input.end, start + REPLY_LINE_LENGTH_MAX)
    const lineFeed = findLineFeed(bytes, start + this.searchedLength, end)
    if (lineFeed < 0) {
      this.searchedLength = end - start
      return false
    }
    this.bytes = bytes
    this.start = start
    this.wordStart = start
    this.wordEnd = start
    this.end = endOfWords(bytes, start, lineFeed)
    this.next = lineFeed + 1
    return true
  }

  /** Whether the line that has no end yet is too long for one. */
  get isTooLong(): boolean {
    return this.searchedLength >= REPLY_LINE_LENGTH_MAX
  }

  /** The reply that the line begins is complete: the next line is another one. */
  finish(): void {
    this.searchedLength = 0
  }

  /** Continues behind these first characters of the line. */
  skip(length: number): void {
    this.wordEnd = this.start + length
  }

  get hasMore(): boolean {
    return this.wordEnd < this.end
  }

  /** Reads the next word, behind one space. False if there is none. */
  nextWord(): boolean {
    const { bytes, wordEnd, end } = this
    if (wordEnd >= end || bytes[wordEnd] !== SPACE) return false
    this.wordStart = wordEnd + 1
    this.wordEnd = findWordEnd(bytes, wordEnd + 1, end)
    return this.wordEnd > wordEnd + 1
  }

  /** Reads the next word as an unsigned 64-bit number into `number`. False if it is not one. */
  nextNumber(): boolean {
    return this.nextWord() && this.readNumber(this.wordStart)
  }

  /** Reads the rest of the word as an unsigned 64-bit number into `number`. False if it is not one. */
  readNumber(start: number): boolean {
    const { bytes, wordEnd, number } = this
    if (start === wordEnd || wordEnd - start > SHORT_DIGITS_MAX) {
      return readDecimal(bytes, start, wordEnd, number)
    }
    let value = 0
    for (let at = start; at < wordEnd; at++) {
      const digit = bytes[at]! - ZERO
      if (digit < 0 || digit > 9) return false
      value = value * 10 + digit
    }
    number.high = 0
    number.low = value
    return true
  }
}

const SPACE = 0x20
const ZERO = 0x30
/** So many digits stay within 31 bits. */
const SHORT_DIGITS_MAX = 9
