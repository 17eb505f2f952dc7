import { Halves } from '../arena/decimal.js'
import { readSigned, readUnsigned } from './numbers.js'
import { endOfWords, findLineFeed, findWordEnd, isWord, skipSpaces } from './tokens.js'

/**
 * The line that is being decoded. One record serves all lines.
 *
 * ```
 *  start          wordStart wordEnd                 end  next              bytesEnd
 *    ▼                   ▼   ▼                       ▼    ▼                   ▼
 *    s e t   s k y   5   6 0   4                  \r  \n  b l u e \r \n ...
 * ```
 *
 * The words after `wordEnd` have not been read.
 */
export class Line {
  bytes: Uint8Array = new Uint8Array()
  start = 0
  end = 0
  next = 0
  bytesEnd = 0
  wordStart = 0
  wordEnd = 0
  /** The words that `split` found. */
  count = 0
  private readonly starts = new Int32Array(WORDS_MAX)
  private readonly ends = new Int32Array(WORDS_MAX)
  /** The number that `readUnsigned` read last. */
  readonly number = new Halves()
  /** The mode among the flags that were read last, as its letter; 0 for none (meta). */
  mode = 0

  /** Begins the line at `start`. False if its end is not there yet. */
  begin(bytes: Uint8Array, start: number, bytesEnd: number): boolean {
    const lineFeed = findLineFeed(bytes, start, bytesEnd)
    if (lineFeed < 0) return false
    this.bytes = bytes
    this.start = start
    this.wordEnd = start
    this.end = endOfWords(bytes, start, lineFeed)
    this.next = lineFeed + 1
    this.bytesEnd = bytesEnd
    return true
  }

  /** Reads the next word. False, with an empty word at the line's end, if there is none. */
  nextWord(): boolean {
    const { bytes, end } = this
    const wordStart = skipSpaces(bytes, this.wordEnd, end)
    const wordEnd = findWordEnd(bytes, wordStart, end)
    this.wordStart = wordStart
    this.wordEnd = wordEnd
    return wordEnd > wordStart
  }

  get wordLength(): number {
    return this.wordEnd - this.wordStart
  }

  /** Finds the words that have not been read. If there are too many, the last are left out. */
  split(): void {
    const { bytes, end } = this
    this.count = 0
    let at = skipSpaces(bytes, this.wordEnd, end)
    while (at < end && this.count < WORDS_MAX) {
      const wordEnd = findWordEnd(bytes, at, end)
      this.starts[this.count] = at
      this.ends[this.count] = wordEnd
      this.count++
      at = skipSpaces(bytes, wordEnd, end)
    }
  }

  /** Selects a word that `split` found as the current one. */
  select(index: number): void {
    this.wordStart = this.starts[index]!
    this.wordEnd = this.ends[index]!
  }

  /** Whether a word that `split` found is this one. */
  is(index: number, word: string): boolean {
    return index < this.count && isWord(this.bytes, this.starts[index]!, this.ends[index]!, word)
  }

  /** Reads the word as an unsigned 64-bit number into `number`. False if it is not one. */
  readUnsigned(): boolean {
    return readUnsigned(this.bytes, this.wordStart, this.wordEnd, this.number)
  }

  /** Reads the word as a signed 32-bit number; NO_NUMBER if it is not one. */
  readSigned(): number {
    return readSigned(this.bytes, this.wordStart, this.wordEnd)
  }
}

/** As many as memcached reads. */
const WORDS_MAX = 23
