/**
 * The kinds of values that options have. A kind knows how its values are typed on a command line and which of them are
 * good, whether they were typed there or come from a program.
 */
import { type ListenAddress, readAddress, writeAddress } from './listen-address.js'

export interface Kind<Value> {
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

const PLAIN = /^[!-~]+$/

/** What is typed for a switch after the `no_` of its name. */
export const NO = 'no'

/** A switch. `given` is its value when it is named without `no_`. */
export function flag(given: boolean): Kind<boolean> {
  return {
    argument: undefined,
    type: 'boolean',
    wanted: 'true or false',
    read: (typed) => (typed === NO ? !given : given),
    accepts: (value) => typeof value === 'boolean',
    write: (value) => (value ? 'yes' : 'no'),
  }
}

/** How often the option was given. */
export const COUNTER: Kind<number> = {
  argument: undefined,
  type: 'number',
  wanted: 'a level; give 0 or more',
  read: (_typed, previous = 0) => previous + 1,
  accepts: (value) => isWithin(value, 0, INTEGER_MAX),
  write: String,
}

export function integer(noun: string, bounds: { min: number; max?: number; unit?: string }): Kind<number> {
  const { min, max = INTEGER_MAX } = bounds
  const range = max === INTEGER_MAX ? `${min} or more` : `${min} to ${max}`
  return {
    argument: '<num>',
    type: 'number',
    wanted: `${noun}; give ${range}${bounds.unit === undefined ? '' : ` ${bounds.unit}`}`,
    read: readInteger,
    accepts: (value) => isWithin(value, min, max),
    write: String,
  }
}

/**
 * A port, as Node counts: 0 is any free one, and null is none. memcached's command line counts otherwise: there 0 is
 * none, and -1 any free one.
 */
export const PORT: Kind<number | null> = {
  argument: '<num>',
  type: 'number',
  wanted: 'a port; the highest is 65535',
  read(typed) {
    if (typed === '0') return null
    return typed === '-1' ? 0 : positive(readInteger(typed))
  },
  accepts: (value) => value === null || isPort(value),
  write(value) {
    if (value === null) return '0'
    return value === 0 ? '-1' : String(value)
  },
}

/** A number of bytes, typed with k, m or g for 1024, its square and its cube. */
export function size(noun: string, min: number, max: number): Kind<number> {
  return {
    argument: '<size>',
    type: 'number',
    wanted: `${noun}; give ${min} to ${max} bytes (${writeSize(min)} to ${writeSize(max)})`,
    read(typed) {
      const [, digits, suffix = ''] = SIZE.exec(typed) ?? []
      return digits === undefined ? undefined : Number(digits) * UNITS[suffix.toLowerCase()]!
    },
    accepts: (value) => isWithin(value, min, max),
    write: writeSize,
  }
}

/** Who may use a file, typed in octal. */
export const PERMISSIONS: Kind<number> = {
  argument: '<mask>',
  type: 'number',
  wanted: 'a set of permissions; give 0 to 777 in octal',
  read: (typed) => (OCTAL.test(typed) ? Number.parseInt(typed, 8) : undefined),
  accepts: (value) => isWithin(value, 0, 0o777),
  write: (value) => value.toString(8),
}

/** Text that may be missing. */
export function text(argument: string, noun: string, lengthMax: number): Kind<string | null> {
  return {
    argument,
    type: 'string',
    wanted: `${noun}; give 1 to ${lengthMax} bytes`,
    read: (typed) => typed,
    accepts: (value) =>
      value === null || (typeof value === 'string' && isWithin(Buffer.byteLength(value), 1, lengthMax)),
    write: (value) => value ?? '',
  }
}

export function choice<Choice extends string>(noun: string, ...choices: readonly Choice[]): Kind<Choice> {
  const find = (value: unknown) => choices.find((each) => each === value)
  return {
    argument: '<name>',
    type: 'string',
    wanted: `${noun}; give ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`,
    read: find,
    accepts: (value) => find(value) !== undefined,
    write: (value) => value,
  }
}

export const CHARACTER: Kind<string> = {
  argument: '<char>',
  type: 'string',
  wanted: 'a delimiter; give one visible ASCII character',
  read: (typed) => typed,
  accepts: (value) => typeof value === 'string' && value.length === 1 && PLAIN.test(value),
  write: (value) => value,
}

export const ADDRESSES: Kind<readonly ListenAddress[]> = {
  argument: '<addr>',
  type: 'object',
  wanted: 'an address to listen on; give a host, host:port or [IPv6 address]:port',
  read(typed, previous = []) {
    const entries = typed.split(/[,;]/).filter((entry) => entry !== '')
    const addresses = entries.map(readAddress).filter((address) => address !== undefined)
    const isComplete = addresses.length === entries.length && entries.length > 0
    return isComplete ? [...previous, ...addresses] : undefined
  },
  accepts: (value) => Array.isArray(value) && value.every(isAddress),
  write: (value) => value.map(writeAddress).join(','),
}

/** What memcached keeps its numbers in. */
const INTEGER_MAX = 2 ** 31 - 1
const PORT_MAX = 65535

const INTEGER = /^-?\d+$/
const OCTAL = /^[0-7]+$/
const SIZE = /^(\d+)([kmg]?)$/i
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

function readInteger(typed: string): number | undefined {
  return INTEGER.test(typed) ? Number(typed) : undefined
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}

function writeSize(byteLength: number): string {
  const [suffix, unit] = Object.entries(UNITS).findLast(([, each]) => byteLength % each === 0)!
  return `${byteLength / unit}${suffix}`
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max
}

function isPort(value: unknown): boolean {
  return isWithin(value, 0, PORT_MAX)
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { host, port } = value as Partial<Record<keyof ListenAddress, unknown>>
  return typeof host === 'string' && host !== '' && (port === undefined || isPort(port))
}
