/** The kinds of options whose values are numbers. */
import type { OptionKind } from './kind.js'

/** How often the option was given; as a variable of the environment, a number. */
export const COUNTER: OptionKind<number> = {
  argument: undefined,
  type: 'number',
  wanted: 'a level; give 0 or more',
  read: (typed, previous = 0) => (typed === '' ? previous + 1 : readInteger(typed)),
  accepts: (value) => isWithin(value, 0, INTEGER_MAX),
  write: String,
}

export function integer(
  noun: string,
  bounds: { min: number; max?: number; unit?: string },
): OptionKind<number> {
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

/** A number with a fraction; both bounds are excluded. */
export function fraction(noun: string, above: number, below?: number): OptionKind<number> {
  return {
    argument: '<num>',
    type: 'number',
    wanted: `${noun}; give more than ${above}${below === undefined ? '' : ` and less than ${below}`}`,
    read: (typed) => (FRACTION.test(typed) ? Number(typed) : undefined),
    accepts: (value) => typeof value === 'number' && value > above && value < (below ?? INTEGER_MAX),
    write: String,
  }
}

/**
 * A port, as in Node: 0 is any free one, and null is none. On memcached's command line 0 is
 * none, and -1 any free one.
 */
export const PORT: OptionKind<number | null> = {
  argument: '<num>',
  type: 'number',
  wanted: 'a port; give a number from 0 to 65535',
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
export function size(noun: string, min: number, max: number): OptionKind<number> {
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

/** A number of bytes, typed in kilobytes. */
export function kilobytes(noun: string, min: number, max: number): OptionKind<number> {
  return {
    argument: '<num>',
    type: 'number',
    wanted: `${noun}; give ${min} to ${max} kilobytes`,
    read: (typed) => (INTEGER.test(typed) ? Number(typed) * KILOBYTE : undefined),
    accepts: (value) => isWithin(value, min * KILOBYTE, max * KILOBYTE),
    write: (value) => String(value / KILOBYTE),
  }
}

/** Permissions of a file, typed in octal. */
export const PERMISSIONS: OptionKind<number> = {
  argument: '<mask>',
  type: 'number',
  wanted: 'a set of permissions; give 0 to 777 in octal',
  read: (typed) => (OCTAL.test(typed) ? Number.parseInt(typed, 8) : undefined),
  accepts: (value) => isWithin(value, 0, 0o777),
  write: (value) => value.toString(8),
}

export function isWithin(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max
}

export function isPort(value: unknown): boolean {
  return isWithin(value, 0, PORT_MAX)
}

/** The range of memcached's numbers. */
export const INTEGER_MAX = 2 ** 31 - 1
const PORT_MAX = 65535
const KILOBYTE = 1024

const INTEGER = /^-?\d+$/
const FRACTION = /^\d+(?:\.\d+)?$/
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
