import type { MessageKey } from '../../protocol/client/request-message.js'
import { type CallOptionNames, callOptionNames, checkCallOptions } from '../option-names.js'
import type { Ttl } from '../ttl.js'
import type { CallOptions } from './executor.js'

/** A key: text, sent in UTF-8, or bytes. */
export type Key = MessageKey

/**
 * The value, if a format can store it, else never. A program whose own format stores these as well gives them as `unknown`.
 */
export type Storable<Value> = Value extends
  | undefined
  | symbol
  | ((...given: never) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | PromiseLike<unknown>
  ? never
  : Value

/** Keys and values: a Map, pairs, or an object. */
export type Entries = Iterable<readonly [Key, unknown]> | Readonly<Record<string, unknown>>

export interface StoreOptions extends CallOptions {
  /** How long the item lives. Default: it never expires. */
  readonly ttl?: Ttl
}

export interface CountOptions extends StoreOptions {
  /** A missing counter is created with this value, and `ttl`. Not over the text protocol. */
  readonly initial?: bigint | number
}

export interface MetaOptions extends CallOptions {
  /** As on the wire, such as `v t c T60`. */
  readonly flags?: string
  /** The value of `ms`. */
  readonly value?: string | Uint8Array
}

/** Throws BAD_OPTION if the command has no such option. */
export function checkCommandOptions(command: string, options: unknown): void {
  if (options !== undefined) checkCallOptions(options, OPTIONS.get(command) ?? CALL_OPTIONS)
}

const CALL_OPTIONS = callOptionNames<CallOptions>({ timeout: true, signal: true })
const STORE_OPTIONS = callOptionNames<StoreOptions>({ timeout: true, signal: true, ttl: true })
const COUNT_OPTIONS = callOptionNames<CountOptions>({ timeout: true, signal: true, ttl: true, initial: true })
const META_OPTIONS = callOptionNames<MetaOptions>({ timeout: true, signal: true, flags: true, value: true })

/** By the commands' names for tracing; all others have those of any call. */
const OPTIONS: ReadonlyMap<string, CallOptionNames> = new Map([
  ['set', STORE_OPTIONS],
  ['add', STORE_OPTIONS],
  ['replace', STORE_OPTIONS],
  ['cas', STORE_OPTIONS],
  ['increment', COUNT_OPTIONS],
  ['decrement', COUNT_OPTIONS],
  ['meta', META_OPTIONS],
])
