import { unreadable } from './value-errors.js'

/** Numbers are stored as decimal text, so that servers can count with them. */

/** Also NaN, Infinity and -0, which JSON has not. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : `${value}`
}

/** The number in the text. A counter that became shorter ends with spaces. */
export function numberOf(text: string): number {
  const number = Number(text)
  const isNumber = Number.isNaN(number) ? text === 'NaN' : text.trim() !== ''
  if (!isNumber) throw unreadable('a number')
  return number
}

export function bigintOf(text: string): bigint {
  if (!WHOLE_NUMBER.test(text)) throw unreadable('a whole number')
  return BigInt(text)
}

/** A number if it is exact as one, else a bigint: Python's integers have any length. */
export function integerOf(text: string): number | bigint {
  const number = Number(bigintOf(text))
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

const WHOLE_NUMBER = /^-?\d+ *$/
