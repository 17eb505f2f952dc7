/**
 * Requests and results, in words that every protocol has. The specs of spec/behaviour are lists of these
 * pairs; a protocol's driver turns them into bytes.
 */
import type { Bytes } from './frames.js'
import { ANY_CAS } from './transcript.js'

export type Verb =
  | 'get'
  | 'get and touch'
  | 'touch'
  | 'set'
  | 'add'
  | 'replace'
  | 'append'
  | 'prepend'
  | 'delete'
  | 'increment'
  | 'decrement'
  | 'flush'

export interface Operation {
  readonly verb: Verb
  readonly key: Bytes
  readonly value: Bytes
  readonly flags: number
  /** Seconds as they go over the wire: an unsigned number. */
  readonly expiry: number
  /** The name of the cas that the item must have. */
  readonly cas: string | undefined
  readonly delta: bigint
  /** Undefined: a missing counter is not created. */
  readonly initial: bigint | undefined
}

type Options = Partial<Pick<Operation, 'flags' | 'expiry' | 'cas' | 'initial'>>

function operation(verb: Verb, key: Bytes, given: Partial<Operation> = {}): Operation {
  const nothing = { value: '', flags: 0, expiry: 0, cas: undefined, delta: 0n, initial: undefined }
  return { ...nothing, verb, key, ...given }
}

export const get = (key: Bytes) => operation('get', key)
export const getAndTouch = (key: Bytes, expiry: number) => operation('get and touch', key, { expiry })
export const touch = (key: Bytes, expiry: number) => operation('touch', key, { expiry })
export const set = (key: Bytes, value: Bytes, options: Options = {}) =>
  operation('set', key, { value, ...options })
export const add = (key: Bytes, value: Bytes, options: Options = {}) =>
  operation('add', key, { value, ...options })
export const replace = (key: Bytes, value: Bytes, options: Options = {}) =>
  operation('replace', key, { value, ...options })
export const append = (key: Bytes, value: Bytes, options: Options = {}) =>
  operation('append', key, { value, ...options })
export const prepend = (key: Bytes, value: Bytes, options: Options = {}) =>
  operation('prepend', key, { value, ...options })
export const remove = (key: Bytes, options: Options = {}) => operation('delete', key, options)
export const increment = (key: Bytes, delta: bigint, options: Options = {}) =>
  operation('increment', key, { delta, ...options })
export const decrement = (key: Bytes, delta: bigint, options: Options = {}) =>
  operation('decrement', key, { delta, ...options })
export const flush = (delay = 0) => operation('flush', '', { expiry: delay })

export interface Outcome {
  readonly kind:
    | 'stored'
    | 'hit'
    | 'touched'
    | 'counted'
    | 'done'
    | 'missing'
    | 'exists'
    | 'not stored'
    | 'not a number'
    | 'too large'
  /** The name of the item's cas from now on. */
  readonly cas?: string
  readonly value?: Bytes
  readonly flags?: number
  readonly number?: bigint
}

export const stored = (cas = ANY_CAS): Outcome => ({ kind: 'stored', cas })
export const hit = (value: Bytes, { flags = 0, cas = ANY_CAS } = {}): Outcome => ({
  kind: 'hit',
  value,
  flags,
  cas,
})
export const touched = ({ flags = 0, cas = ANY_CAS } = {}): Outcome => ({ kind: 'touched', flags, cas })
export const counted = (number: bigint, cas = ANY_CAS): Outcome => ({ kind: 'counted', number, cas })
/** Deleted, flushed. */
export const done: Outcome = { kind: 'done' }
export const missing: Outcome = { kind: 'missing' }
/** There is an item already, or its cas is different. */
export const exists: Outcome = { kind: 'exists' }
export const notStored: Outcome = { kind: 'not stored' }
export const notANumber: Outcome = { kind: 'not a number' }
export const tooLarge: Outcome = { kind: 'too large' }

/** A request and its result. */
export type Step = readonly [Operation, Outcome]
