import {
  type BatchBuilder,
  deletesAndSets,
  gets,
  getsMissing,
  increments,
  multiGet,
  sets,
} from './batches.js'
import { metaGets, metaSets, textGets, textSets } from './line-batches.js'

export interface Scenario {
  readonly name: string
  readonly build: BatchBuilder
  readonly keysPerBatch: number
  readonly connectionCount: number
  /** Every connection has its own share of the keys, so that the order of other connections changes no reply. */
  readonly keyCount: number
  readonly valueLength: number
  /** Whether the keys are set before the load begins. */
  readonly isFilled: boolean
  /** Over TLS. */
  readonly isEncrypted: boolean
}

/** Room for every scenario's keys several times over: nothing is evicted. */
export const MEMORY_MEGABYTES = 256

type Particulars = Partial<Omit<Scenario, 'name' | 'build' | 'keysPerBatch'>>

const USUAL = { connectionCount: 50, keyCount: 10_000, valueLength: 100, isFilled: true, isEncrypted: false }
const EMPTY: Particulars = { isFilled: false }
const TEN_KILOBYTES: Particulars = { valueLength: 10_000, keyCount: 1_000 }
const HALF_A_MEGABYTE: Particulars = { valueLength: 500_000, keyCount: 16, connectionCount: 4 }
const MANY_CONNECTIONS: Particulars = { connectionCount: 1_000 }
const OVER_TLS: Particulars = { isEncrypted: true, connectionCount: 20 }

function row(
  name: string,
  build: BatchBuilder,
  keysPerBatch: number,
  particulars: Particulars = {},
): Scenario {
  return { name, build, keysPerBatch, ...USUAL, ...particulars }
}

/** The scenarios, in order: 50 connections, 20 over TLS, and values of 100 bytes unless the name says otherwise. */
export const SCENARIOS: readonly Scenario[] = [
  row('get, 1 in flight', gets, 1),
  row('get, 16 in flight', gets, 16),
  row('get, 64 in flight', gets, 64),
  row('set, 1 in flight', sets, 1),
  row('set, 16 in flight', sets, 16),
  row('set, 64 in flight', sets, 64),
  row('multi-get of 50 keys', multiGet, 50),
  row('miss, 1 in flight', getsMissing, 1, EMPTY),
  row('miss, 16 in flight', getsMissing, 16, EMPTY),
  row('get of 10 KB', gets, 1, TEN_KILOBYTES),
  row('set of 10 KB', sets, 1, TEN_KILOBYTES),
  row('get of 500 KB', gets, 1, HALF_A_MEGABYTE),
  row('set of 500 KB', sets, 1, HALF_A_MEGABYTE),
  row('get, 1,000 connections', gets, 1, MANY_CONNECTIONS),
  row('increment, 16 in flight', increments, 16, EMPTY),
  row('delete + set, 16 in flight', deletesAndSets, 8),
  row('text get, 1 in flight', textGets, 1),
  row('text get, 16 in flight', textGets, 16),
  row('text set, 16 in flight', textSets, 16),
  row('mg, 16 in flight', metaGets, 16),
  row('ms, 16 in flight', metaSets, 16),
  row('TLS get, 1 in flight', gets, 1, OVER_TLS),
  row('TLS get, 16 in flight', gets, 16, OVER_TLS),
]

/** Measured separately: the memory of a connection that is idle after one request. */
export const IDLE_SCENARIO = { name: 'idle connections', connectionCountMax: 10_000 }

/** Under memcaslap, the load generator in C, where it is installed. It is never the slower side, so its figures are less favourable. */
export const MEMCASLAP_SCENARIOS = [50, 1_000].map((connectionCount) => ({
  name: `memcaslap, ${connectionCount.toLocaleString('en')} connections`,
  connectionCount,
}))

/** How long replies take when requests come at a fixed rate. */
export const LATENCY_SCENARIOS = [50, 1_000].map((connectionCount) => ({
  name: `latency, ${connectionCount.toLocaleString('en')} connections`,
  connectionCount,
}))
