/** Checks of what a test has written. Each error names the field. */

export function refuse(field: string, given: unknown, wanted: string): never {
  throw new TypeError(`${field}: ${shown(given)} is not ${wanted}`)
}

export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (isPlainObject(value)) return 'an object'
  const kind = kindOf(value)
  return /^[AEIOU]/.test(kind) ? `an ${kind}`.toLowerCase() : `a ${kind}`
}

/** An object of fields: no array, Map or Date. It may come from another realm, as with jest. */
export const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && kindOf(value) === 'Object'

const kindOf = (value: object): string => Object.prototype.toString.call(value).slice('[object '.length, -1)

/** A whole number within bounds. */
export function wholeNumber(field: string, given: unknown, min: number, max: number): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= min && given <= max) return given
  return refuse(field, given, `a whole number from ${min} to ${max}`)
}

/** One of these words. */
export function oneOf<Word extends string>(field: string, given: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === given)
  return found ?? refuse(field, given, `one of ${words.join(', ')}`)
}

/** A plain object whose fields are all among these. */
export function record(field: string, given: unknown, fields: readonly string[]): Record<string, unknown> {
  if (!isPlainObject(given)) refuse(field, given, 'an object')
  const unknown = Object.keys(given).find((name) => !fields.includes(name))
  if (unknown !== undefined) {
    const known = fields.length === 0 ? 'there are none' : `these are: ${fields.join(', ')}`
    throw new TypeError(`${field}.${unknown}: there is no such field; ${known}`)
  }
  return given as Record<string, unknown>
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A length of time in milliseconds: a number of `unitMs`, or a text with its unit, such as `1h`. */
export function duration(field: string, given: unknown, unitMs: number): number {
  if (typeof given === 'number' && given >= 0 && Number.isFinite(given)) return given * unitMs
  const [, digits, unit] = (typeof given === 'string' && /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(given)) || []
  if (digits !== undefined && unit !== undefined) return Number(digits) * UNIT_MS[unit]!
  const plain = unitMs === 1 ? 'milliseconds' : 'seconds'
  return refuse(field, given, `a number of ${plain}, or a text such as 250ms, 30s, 5m, 1h or 2d`)
}
