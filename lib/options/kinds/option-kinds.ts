/** The kinds of options whose values are not numbers. */

import { type OptionKind, PLAIN } from './kind.js'
import { type ListenAddress, readAddress, readEndpoint, TLS_RULES, writeAddress } from './listen-address.js'
import { INTEGER_MAX, isPort, isWithin } from './number-kinds.js'

/** The text after the `no_` of a switch's name. */
export const NO = 'no'

/**
 * A switch. `given` is its value if it is named without `no_`; a variable of the environment has a word as its
 * value.
 */
export function flag(given: boolean): OptionKind<boolean> {
  return {
    argument: undefined,
    type: 'boolean',
    wanted: 'true or false',
    read(typed) {
      if (ON.includes(typed.toLowerCase())) return given
      return OFF.includes(typed.toLowerCase()) ? !given : undefined
    },
    accepts: (value) => typeof value === 'boolean',
    write: (value) => (value ? 'yes' : 'no'),
  }
}

/** Text that may be missing. */
export function text(argument: string, noun: string, lengthMax: number): OptionKind<string | null> {
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

const ON: readonly string[] = ['', 'yes', 'true', 'on', '1']
const OFF: readonly string[] = [NO, 'false', 'off', '0']

/** The longest path of Linux, less the NUL byte. */
export const PATH_LENGTH_MAX = 4095

export function choice<Choice extends string>(
  noun: string,
  ...choices: readonly Choice[]
): OptionKind<Choice> {
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

/** Names for which memcached's command line has numbers. It accepts the names as well. */
export function numbered<Name extends string>(
  noun: string,
  numbers: Readonly<Record<Name, number>>,
): OptionKind<Name> {
  const names = Object.keys(numbers) as Name[]
  const all = names.map((name) => `${numbers[name]} (${name})`)
  return {
    ...choice(noun, ...names),
    argument: '<num>',
    wanted: `${noun}; give ${all.slice(0, -1).join(', ')} or ${all.at(-1)}`,
    read(typed) {
      const word = typed.toLowerCase()
      return names.find((name) => String(numbers[name]) === word || name.toLowerCase() === word)
    },
    write: (name) => String(numbers[name]),
  }
}

/** A value that may be missing. */
export function orNone<Value>(kind: OptionKind<Value>): OptionKind<Value | null> {
  return {
    ...kind,
    read: (typed) => kind.read(typed, undefined),
    accepts: (value) => value === null || kind.accepts(value),
    write: (value) => (value === null ? '' : kind.write(value)),
  }
}

export const CHARACTER: OptionKind<string> = {
  argument: '<char>',
  type: 'string',
  wanted: 'a delimiter; give one visible ASCII character',
  read: (typed) => typed,
  accepts: (value) => typeof value === 'string' && value.length === 1 && PLAIN.test(value),
  write: (value) => value,
}

export const ADDRESSES: OptionKind<readonly ListenAddress[]> = {
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

/** One address with its port, or none. */
export const ENDPOINT: OptionKind<string | null> = {
  argument: '<addr>',
  type: 'string',
  wanted: 'an address with a port; give host:port or [IPv6 address]:port',
  read: (typed) => typed,
  accepts: (value) => value === null || (typeof value === 'string' && isPort(readEndpoint(value)?.port)),
  write: (value) => value ?? '',
}

/** Sockets that were opened elsewhere. They cannot be typed. */
export const DESCRIPTORS: OptionKind<readonly number[]> = {
  argument: undefined,
  type: 'object',
  wanted: 'a list of file descriptors',
  read: () => undefined,
  accepts: (value) => Array.isArray(value) && value.every((each) => isWithin(each, 0, INTEGER_MAX)),
  write: String,
}

/** Texts by their names, which are typed as options of their own. */
export const TEXTS: OptionKind<Readonly<Record<string, string>>> = {
  argument: undefined,
  type: 'object',
  wanted: 'an object with texts',
  read: () => undefined,
  accepts: (value) =>
    value instanceof Object && Object.values(value).every((each) => typeof each === 'string'),
  write: (value) => Object.entries(value).join(' '),
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { host, port, tls } = value as Partial<Record<keyof ListenAddress, unknown>>
  const isRule = tls === undefined || TLS_RULES.some((rule) => rule === tls)
  return typeof host === 'string' && host !== '' && (port === undefined || isPort(port)) && isRule
}
