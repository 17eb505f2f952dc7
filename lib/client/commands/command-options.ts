import type { MessageKey } from '../../protocol/client/request-message.js'
import type { Ttl } from '../ttl.js'
import type { CallOptions } from './executor.js'

/** A key: text, sent in UTF-8, or bytes. */
export type Key = MessageKey

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
