import { isDate } from 'node:util/types'
import { completeOptions, type StartOptions } from '../options/complete-options.js'
import { isPlainObject, refuse, wholeNumber } from './faults/checks.js'
import type { Fault } from './faults/fault.js'
import { parseFault } from './faults/parse-fault.js'
import { type LoadedValue, parseLoaded } from './serving/loaded-value.js'
import type { ServingOptions } from './serving/serving-options.js'
import { realDateMs } from './time/real-time.js'
import { checkTime } from './time/test-clock.js'

/** The options of a server that a test server sets itself, or does not need. */
const MANAGED = [
  'listen',
  'udpPort',
  'socketPath',
  'socketMask',
  'inheritedSockets',
  'user',
  'pidFile',
  'workers',
  'idleTimeoutSeconds',
  'maxconnsFast',
  'admin',
  'adminTokenFile',
  'adminWrite',
  'dataDirectory',
  'fsync',
  'snapshotInterval',
  'snapshotOnly',
  'memoryFile',
  'gateway',
  'gatewayShadow',
  'gatewayPrefix',
  'gatewayTimeout',
  'gatewayWait',
  'gatewayAck',
  'gatewayReads',
  'gatewayJoin',
] as const satisfies readonly (keyof StartOptions)[]

/** The options that only a test server has. */
export interface TestOptions {
  /** The address to listen on: by default 127.0.0.1. */
  readonly host?: string
  /** By default any free one. */
  readonly port?: number
  /** `manual`: the time stands still until the test moves it. By default it passes. */
  readonly clock?: 'real' | 'manual'
  /** The time at the start; by default the machine's. */
  readonly now?: Date | number | string
  /** The seed of faults with a probability, and of garbage; by default another one each time. */
  readonly seed?: number
  /** How many requests the log holds; by default 1000. */
  readonly requestsMax?: number
  /** Serve in a thread of its own, for clients that block the thread of the test. */
  readonly thread?: boolean
  /** Faults from the start. */
  readonly faults?: readonly Fault[]
  /** Items from the start. */
  readonly items?: Readonly<Record<string, LoadedValue>>
}

export interface TestServerOptions
  extends Omit<StartOptions, (typeof MANAGED)[number] | keyof TestOptions>,
    TestOptions {}

const OWN = ['host', 'port', 'clock', 'now', 'seed', 'requestsMax', 'thread', 'faults', 'items'] as const

/** Throws a TypeError that names the option that is wrong. */
export function completeTestOptions(given: TestServerOptions): ServingOptions {
  if (!isPlainObject(given)) refuse('startTestServer', given, 'an object of options')
  try {
    return completed(given)
  } catch (error) {
    throw error instanceof RangeError ? new TypeError(error.message) : error
  }
}

function completed(given: TestServerOptions): ServingOptions {
  const { host = '127.0.0.1', port = 0, clock = 'real', now, seed, requestsMax = 1000 } = given
  for (const name of MANAGED)
    if ((given as Record<string, unknown>)[name] !== undefined)
      throw new TypeError(`${name}: a test server has no such option`)
  if (typeof host !== 'string' || host === '') refuse('host', host, 'the name or address of a host')
  if (clock !== 'real' && clock !== 'manual') refuse('clock', clock, "'real' or 'manual'")
  checkOthers(given)
  const others = Object.entries(given).filter(([name]) => !(OWN as readonly string[]).includes(name))
  const server = completeOptions({
    memoryMegabytes: MEMORY_MEGABYTES,
    ioUring: false,
    ...Object.fromEntries(others),
    port: wholeNumber('port', port, 0, 65535),
    listen: [{ host }],
    workers: 1,
  })
  return {
    ...{ server, host, port },
    isManual: clock === 'manual',
    startMs: now === undefined ? realDateMs() : timeOf('now', now),
    seed: seed === undefined ? Math.floor(Math.random() * SEED_MAX) : wholeNumber('seed', seed, 0, SEED_MAX),
    isSeedGiven: seed !== undefined,
    requestCountMax: wholeNumber('requestsMax', requestsMax, 0, REQUESTS_MAX),
  }
}

const MEMORY_MEGABYTES = 16
const SEED_MAX = 2 ** 32 - 1
const REQUESTS_MAX = 10_000_000

function checkOthers({ thread, faults, items }: TestServerOptions): void {
  if (thread !== undefined && typeof thread !== 'boolean') refuse('thread', thread, 'true or false')
  if (faults !== undefined && !Array.isArray(faults)) refuse('faults', faults, 'an array of faults')
  for (const fault of faults ?? []) parseFault(fault)
  if (items !== undefined) parseLoaded(items)
}

/** A date, milliseconds since 1970, or a text that a date is made from: in milliseconds. */
export function timeOf(field: string, given: unknown): number {
  const isTime = typeof given === 'number' || typeof given === 'string' || isDate(given)
  const ms = isTime ? new Date(given).getTime() : Number.NaN
  if (Number.isNaN(ms)) refuse(field, given, 'a date, milliseconds since 1970, or a text such as 2030-01-31')
  checkTime(field, ms)
  return ms
}
