import type { Statistic } from './group-call.js'

/** A server as the shell commands see it, in either protocol. */
export interface Cache {
  version(): Promise<string>
  /** Undefined for a miss. */
  get(key: string): Promise<Item | undefined>
  /** Whether it was stored. */
  store(mode: StoreMode, key: string, value: Buffer, terms: StoreTerms): Promise<boolean>
  /** Whether it existed. */
  remove(key: string): Promise<boolean>
  /** The new number; undefined if there is no counter and none is created. A negative delta decrements. */
  count(key: string, delta: bigint, initial: bigint | undefined, expiry: number): Promise<bigint | undefined>
  /** Whether it existed. */
  touch(key: string, expiry: number): Promise<boolean>
  /** Undefined if the server does not know the group. */
  statistics(group: string): Promise<Statistic[] | undefined>
  flush(delay: number): Promise<void>
  /** Only over text. */
  flushPrefix(prefix: string): Promise<void>
  close(): Promise<void>
}

export interface Item {
  readonly value: Buffer
  readonly flags: number
  readonly cas: bigint
}

export type StoreMode = 'set' | 'add' | 'replace' | 'append' | 'prepend'

export interface StoreTerms {
  readonly flags: number
  readonly expiry: number
  /** 0 for any. */
  readonly cas: bigint
}
