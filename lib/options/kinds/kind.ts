/**
 * The kinds of option values. A kind knows how its values are typed on a command line and which of them are
 * valid, whether they were typed there or come from a program. Kinds of numbers are in number-kinds.ts, others in
 * option-kinds.ts.
 */
export interface OptionKind<Value> {
  /** The name of the argument in the help; undefined for an option without one. */
  readonly argument: string | undefined
  /** The `typeof` of a value. */
  readonly type: 'boolean' | 'number' | 'object' | 'string'
  /** Completes the sentence "… is not". */
  readonly wanted: string
  /**
   * The typed value, or undefined if it is invalid. `previous` is the value from earlier in the same command line:
   * lists and counters continue it, and for all others the last one counts.
   */
  read(typed: string, previous: Value | undefined): Value | undefined
  accepts(value: unknown): boolean
  /** The value as on a command line. */
  write(value: Value): string
}

/** The error for an invalid value. `name` is the option's, as the reader knows it. */
export function refusalOf(name: string, value: unknown, kind: { readonly wanted: string }): string {
  return `${name}: ${shown(value)} is not ${kind.wanted}`
}

/** The error for an invalid value from a program. */
export function refusalInProgram(
  name: string,
  value: unknown,
  kind: Pick<OptionKind<unknown>, 'type' | 'wanted'>,
): TypeError | RangeError {
  const isNumber = kind.type === 'number'
  if (isNumber && typeof value === 'string')
    return new TypeError(`${name}: ${shownInProgram(value)} is text, not a number`)
  const Refusal = typeof value === kind.type ? RangeError : TypeError
  return new Refusal(`${name}: ${shownInProgram(value)} is not ${kind.wanted}`)
}

/** A value within a sentence: quoted if it would be invisible or would disturb a terminal. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

/** The same for a program: text is quoted, because `0` and `'0'` differ there. Its own code is not shown. */
export function shownInProgram(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'string' ? JSON.stringify(value) : shown(value)
}

/** Neither spaces nor control characters of a terminal. */
export const PLAIN = /^[!-~]+$/
