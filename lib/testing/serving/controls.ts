import type { Fault } from '../faults/fault.js'
import type { FaultState } from '../faults/faults.js'
import type { ConnectionFacts } from './client-links.js'
import type { LoadedValue, TestItem } from './contents.js'
import type { TestRequest } from './request-log.js'

/** What a test may do to its server, wherever that runs: in this thread, in another one, or behind HTTP. */
export interface Controls {
  nowMs(): number
  advance(by: number | string): void
  setTime(ms: number): void
  addFault(fault: Fault): number
  /** Resolves when connections are accepted again, if a fault had them refused. */
  removeFault(id: number): void | Promise<void>
  clearFaults(): void | Promise<void>
  faults(): FaultState[]
  requests(): TestRequest[]
  forgetRequests(): void
  items(): TestItem[]
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
  'addFault',
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
