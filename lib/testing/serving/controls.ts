import type { ConnectionFacts } from '../connections/connection-facts.js'
import type { Fault } from '../faults/fault.js'
import type { FaultState } from '../faults/faults.js'
import type { LoadedValue } from './loaded-value.js'
import type { TestRequest } from './request-log.js'

/** An item of a test server. */
export interface TestItem {
  /** If it is not UTF-8, with `\xHH` for its other bytes. The text `\x` is shown as `\x5cx`. */
  readonly key: string
  readonly value: Buffer
  readonly flags: number
  /** In seconds since 1970; 0: never. */
  readonly expiry: number
  readonly cas: bigint
}

/** What a test may do to its server, wherever that runs: in this thread, in another one, or behind HTTP. */
export interface Controls {
  nowMs(): number
  advance(ms: number): void
  setTime(ms: number): void
  /** All of them, or none if one is wrong. Returns their numbers. */
  addFaults(faults: readonly Fault[]): number[]
  /** Resolves when connections are accepted again, if a fault had them refused. */
  removeFault(id: number): void | Promise<void>
  clearFaults(): void | Promise<void>
  faults(): FaultState[]
  requests(): TestRequest[]
  forgetRequests(): void
  items(): TestItem[]
  /** All of them, or none if one is wrong or too large. */
  load(entries: Readonly<Record<string, LoadedValue>>): void
  clear(): void
  connections(): ConnectionFacts[]
  /** False if there is no such connection any more. */
  drop(connection: number): boolean
  statistics(group: string): Record<string, string>
  restart(keepsItems: boolean): void
}

/** Their names, for callers that are elsewhere. */
export const CONTROL_NAMES = [
  'nowMs',
  'advance',
  'setTime',
  'addFaults',
  'removeFault',
  'clearFaults',
  'faults',
  'requests',
  'forgetRequests',
  'items',
  'load',
  'clear',
  'connections',
  'drop',
  'statistics',
  'restart',
] as const satisfies readonly (keyof Controls)[]
