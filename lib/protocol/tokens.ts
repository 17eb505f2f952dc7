/** Lines and words of the text protocols. A word is whatever stands between spaces. */

const SPACE = 0x20
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Where the line feed is that ends the line, or -1. */
export function findLineFeed(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === LINE_FEED) return at
  return -1
}

/** Where the line's words end: before the line feed, and before a carriage return in front of it. */
export const endOfWords = (bytes: Uint8Array, start: number, lineFeed: number): number =>
  lineFeed - start > 1 && bytes[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed

export function skipSpaces(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] === SPACE) at++
  return at
}

export function findWordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SPACE) at++
  return at
}

/** The words of one line; one record serves all lines. */
export class Words {
  count = 0
  readonly starts = new Int32Array(WORDS_MAX)
  readonly ends = new Int32Array(WORDS_MAX)

  /** Of more words than there is room for, the last are left out. */
  split(bytes: Uint8Array, start: number, end: number): void {
    this.count = 0
    let at = skipSpaces(bytes, start, end)
    while (at < end && this.count < WORDS_MAX) {
      const wordEnd = findWordEnd(bytes, at, end)
      this.starts[this.count] = at
      this.ends[this.count] = wordEnd
      this.count++
      at = skipSpaces(bytes, wordEnd, end)
    }
  }

  lengthOf(index: number): number {
    return this.ends[index]! - this.starts[index]!
  }

  is(bytes: Uint8Array, index: number, word: string): boolean {
    return index < this.count && isWord(bytes, this.starts[index]!, this.ends[index]!, word)
  }
}

export function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false
  for (let index = 0; index < word.length; index++)
    if (bytes[start + index] !== word.charCodeAt(index)) return false
  return true
}

/** As many as memcached looks at. */
const WORDS_MAX = 23
