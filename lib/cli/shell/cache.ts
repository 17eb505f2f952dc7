import type { Statistic } from '../../check/client/open-client.js'
/** What the shell commands ask of a server, in whichever protocol. */
export interface Cache {
  version(): Promise<string>
  /** Undefined for a miss. */
  get(key: string): Promise<Item | undefined>
  /** Whether it was stored. */
  store(mode: StoreMode, key: string, value: Buffer, terms: StoreTerms): Promise<boolean>
  /** Whether it was there. */
  remove(key: string): Promise<boolean>
  /** The new number; undefined when there is no counter and none is to be made. A negative delta counts down. */
  count(key: string, delta: bigint, initial: bigint | undefined, expiry: number): Promise<bigint | undefined>
  /** Whether it was there. */
  touch(key: string, expiry: number): Promise<boolean>
  /** Undefined when the server knows no such group. */
  statistics(group: string): Promise<Statistic[] | undefined>
  flush(delay: number): Promise<void>
  close(): void
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
