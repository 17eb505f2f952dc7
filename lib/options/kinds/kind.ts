/**
 * The kinds of values that options have. A kind knows how its values are typed on a command line and which of them are
 * good, whether they were typed there or come from a program. Kinds of numbers are in number-kinds.ts, others in
 * option-kinds.ts.
 */
export interface OptionKind<Value> {
  /** Stands for the argument in the help; undefined for an option that takes none. */
  readonly argument: string | undefined
  /** What `typeof` says of a value. */
  readonly type: 'boolean' | 'number' | 'object' | 'string'
  /** Completes the sentence "… is not". */
  readonly wanted: string
  /**
   * The value that was typed, or undefined when it cannot be read as one. `previous` is what the same command line said
   * before: lists and counters go on from there, and of all others the last one counts.
   */
  read(typed: string, previous: Value | undefined): Value | undefined
  accepts(value: unknown): boolean
  /** The value as one would type it. */
  write(value: Value): string
}

/** What is said of a value that the kind does not accept. `name` is the option's, as the reader knows it. */
export function refusalOf(name: string, value: unknown, kind: { readonly wanted: string }): string {
  return `${name}: ${shown(value)} is not ${kind.wanted}`
}

/** A value within a sentence: plain where that is clear, quoted where it would be lost or would upset a terminal. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

/** Neither spaces nor what a terminal would obey. */
export const PLAIN = /^[!-~]+$/
