import * as ascii from '../arena/ascii.js'

const { CARRIAGE_RETURN, LINE_FEED, SPACE } = ascii
/** Lines and words of the text protocols. Spaces separate words. */

/** The position of the line feed that ends the line, or -1. */
export function findLineFeed(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === LINE_FEED) return at
  return -1
}

/** The end of the line's words: before the line feed, and before a carriage return in front of it. */
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

export function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false
  for (let index = 0; index < word.length; index++)
    if (bytes[start + index] !== word.charCodeAt(index)) return false
  return true
}
