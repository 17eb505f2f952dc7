import { Command } from '../../lib/request/command.js'
import { Status } from '../../lib/request/status.js'
import type { ItemState, State } from './key-model.js'
import { GONE } from './key-model.js'

/** One request, in the terms of the model. */
export interface Operation {
  readonly command: Command
  readonly value: Buffer
  readonly clientFlags: number
  /** As it is sent. */
  readonly expiry: number
  /** The cas that the item must have; 0 for any. */
  readonly cas: number
  readonly delta: bigint
  /** Undefined: a missing counter is not created. */
  readonly initial: bigint | undefined
  /** Whether the old item is deleted when the value is too large or has no room; by default a set deletes it. */
  readonly removesOutdated?: boolean
  /** A missing item is created, with this expiry. */
  readonly vivify?: number | undefined
  /** A delete marks the item as stale, and changes its expiry or keeps it. */
  readonly invalidates?: 'touching' | 'keeping' | undefined
  /** A set with an older cas is stored as a stale value. */
  readonly mayBeStale?: boolean | undefined
  /** The first client that gets an item which expires within this many seconds is to renew it. */
  readonly recache?: number | undefined
}

export const removesOutdated = (operation: Operation): boolean =>
  operation.removesOutdated ?? operation.command === Command.SET

/** The expected result of the request. */
export interface Outcome {
  readonly status: Status
  /** The fields of the item in the reply. */
  readonly tells?: 'item' | 'flags' | undefined
  readonly number?: bigint
  readonly effect?: Effect
}

export type Effect =
  | { readonly kind: 'stored'; readonly value: Buffer; readonly clientFlags: number; readonly expiry: number }
  | { readonly kind: 'touched'; readonly expiry: number }
  | { readonly kind: 'removed' }

export interface Bounds {
  readonly itemSizeMax: number
  readonly keyLength: number
  /** Values of this length lie in pieces. */
  readonly isLong: (valueLength: number) => boolean
  /** The worker's time, in absolute seconds. */
  readonly now: number
}

const THIRTY_DAYS = 60 * 60 * 24 * 30

export function absoluteTime(expiry: number, now: number): number {
  if (expiry === 0) return 0
  if (expiry < 0) return 1
  return expiry <= THIRTY_DAYS ? now + expiry : expiry
}

const REMOVED: Effect = { kind: 'removed' }
const EMPTY = Buffer.alloc(0)

/** The expected result of an operation, if the key has this item. */
export function outcomeOf(operation: Operation, present: State, bounds: Bounds): Outcome {
  const { command, expiry } = operation
  switch (command) {
    case Command.GET:
      if (present === GONE) return vivified(operation, EMPTY, 0, bounds) ?? { status: Status.NOT_FOUND }
      return { status: Status.OK, tells: 'item' }
    case Command.TOUCH:
    case Command.GET_AND_TOUCH: {
      if (present === GONE) return { status: Status.NOT_FOUND }
      const effect: Effect = { kind: 'touched', expiry: absoluteTime(expiry, bounds.now) }
      return { status: Status.OK, tells: command === Command.TOUCH ? 'flags' : 'item', effect }
    }
    case Command.DELETE:
      if (present === GONE) return { status: Status.NOT_FOUND, effect: REMOVED }
      if (isOther(operation, present.cas)) return { status: Status.EXISTS }
      return { status: Status.OK, effect: invalidated(operation, present, bounds) ?? REMOVED }
    case Command.APPEND:
    case Command.PREPEND:
      return extended(operation, present, bounds)
    case Command.INCREMENT:
    case Command.DECREMENT:
      return counted(operation, present, bounds)
    default:
      return stored(operation, present, bounds)
  }
}

function stored(operation: Operation, present: State, bounds: Bounds): Outcome {
  const { command, value, clientFlags, expiry } = operation
  if (isTooLarge(value.length, clientFlags, bounds))
    return removesOutdated(operation)
      ? { status: Status.TOO_LARGE, effect: REMOVED }
      : { status: Status.TOO_LARGE }
  if (operation.cas !== 0) {
    if (present === GONE) return { status: Status.NOT_FOUND }
    if (present.cas !== operation.cas) {
      if (operation.mayBeStale !== true || operation.cas > present.cas) return { status: Status.EXISTS }
      // It keeps the expiry of the one before it.
      return { status: Status.OK, effect: { kind: 'stored', value, clientFlags, expiry: present.expiry } }
    }
  } else if (command === Command.ADD && present !== GONE) {
    return { status: Status.EXISTS }
  } else if (command === Command.REPLACE && present === GONE) {
    return { status: Status.NOT_FOUND }
  }
  return {
    status: Status.OK,
    effect: { kind: 'stored', value, clientFlags, expiry: absoluteTime(expiry, bounds.now) },
  }
}

function extended(operation: Operation, present: State, bounds: Bounds): Outcome {
  const { command, value } = operation
  if (present === GONE)
    return vivified(operation, value, operation.clientFlags, bounds) ?? { status: Status.NOT_STORED }
  if (isOther(operation, present.cas)) return { status: Status.EXISTS }
  const { clientFlags, expiry } = present
  if (isTooLarge(present.value.length + value.length, clientFlags, bounds))
    return { status: isTooLarge(value.length, 0, bounds) ? Status.TOO_LARGE : Status.NOT_STORED }
  const pieces = command === Command.APPEND ? [present.value, value] : [value, present.value]
  return { status: Status.OK, effect: { kind: 'stored', value: Buffer.concat(pieces), clientFlags, expiry } }
}

/** Creates a missing item. Returns undefined if that was not requested. */
function vivified(
  { vivify }: Operation,
  value: Buffer,
  clientFlags: number,
  { now }: Bounds,
): Outcome | undefined {
  if (vivify === undefined) return undefined
  return {
    status: Status.OK,
    effect: { kind: 'stored', value, clientFlags, expiry: absoluteTime(vivify, now) },
  }
}

/** Keeps the item, with another cas. Returns undefined if it is to be deleted. */
function invalidated(
  { invalidates, expiry }: Operation,
  { value, clientFlags, expiry: before }: ItemState,
  { now }: Bounds,
): Effect | undefined {
  if (invalidates === undefined) return undefined
  return {
    kind: 'stored',
    value,
    clientFlags,
    expiry: invalidates === 'touching' ? absoluteTime(expiry, now) : before,
  }
}

/** A number is read from a value in one piece. */
function counted(operation: Operation, present: State, bounds: Bounds): Outcome {
  const { initial, expiry, delta, command } = operation
  if (present === GONE) {
    if (initial === undefined) return { status: Status.NOT_FOUND }
    const value = Buffer.from(`${initial}`, 'latin1')
    const effect: Effect = { kind: 'stored', value, clientFlags: 0, expiry: absoluteTime(expiry, bounds.now) }
    return { status: Status.OK, number: initial, effect }
  }
  if (present.value.length === 0) return { status: Status.NOT_A_NUMBER }
  if (isOther(operation, present.cas)) return { status: Status.EXISTS }
  const before = bounds.isLong(present.value.length) ? undefined : numberIn(present.value)
  if (before === undefined) return { status: Status.NOT_A_NUMBER }
  const number =
    command === Command.INCREMENT ? (before + delta) & NUMBER_MAX : before > delta ? before - delta : 0n
  const value = Buffer.from(`${number}`.padEnd(present.value.length), 'latin1')
  return { status: Status.OK, number, effect: { ...present, kind: 'stored', value } }
}

function numberIn(value: Buffer): bigint | undefined {
  const digits = /^(\d{1,20})(?: |$)/.exec(value.toString('latin1', 0, NUMBER_LENGTH_MAX))?.[1]
  const number = digits === undefined ? undefined : BigInt(digits)
  return number === undefined || number > NUMBER_MAX ? undefined : number
}

const NUMBER_LENGTH_MAX = 22
const NUMBER_MAX = 2n ** 64n - 1n

const isOther = ({ cas }: Operation, present: number): boolean => cas !== 0 && cas !== present

/** As memcached computes the size of an item. */
const isTooLarge = (valueLength: number, clientFlags: number, { itemSizeMax, keyLength }: Bounds): boolean =>
  48 + 8 + (clientFlags === 0 ? 0 : 4) + keyLength + 1 + valueLength + 2 > itemSizeMax
