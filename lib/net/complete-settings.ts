import { NetError } from './net-error.js'
import type { ConnectionOptions, HeartbeatOptions, ReconnectOptions, Settings } from './options.js'

/** Every option of a connection with its value. Throws a NetError with the code BAD_OPTION that names a wrong one. */
export function completeSettings<Outgoing>(options: ConnectionOptions<Outgoing>): Settings<Outgoing> {
  const lengthMax = number(options, 'messageLengthMax', 16 * MEGABYTE, 1)
  return {
    noDelay: boolean(options, 'noDelay', true),
    keepAlive: boolean(options, 'keepAlive', true),
    connectTimeoutMs: number(options, 'connectTimeoutMs', 10_000),
    idleTimeoutMs: number(options, 'idleTimeoutMs', 0),
    readTimeoutMs: number(options, 'readTimeoutMs', 0),
    writeTimeoutMs: number(options, 'writeTimeoutMs', 0),
    closeTimeoutMs: number(options, 'closeTimeoutMs', 10_000),
    highWaterMark: number(options, 'highWaterMark', 64 * 1024, 1),
    queueLengthMax: number(options, 'queueLengthMax', 16 * MEGABYTE, 1),
    messageLengthMax: lengthMax,
    heartbeat: options.heartbeat && completeHeartbeat(options.heartbeat),
  }
}

export function completeReconnect(
  options: boolean | ReconnectOptions | undefined,
): Required<ReconnectOptions> | undefined {
  if (options === undefined || options === false) return undefined
  const given = options === true ? {} : options
  refuseUnknown(given, ['minMs', 'maxMs', 'factor', 'jitter', 'attempts'], 'reconnect.')
  return {
    minMs: number(given, 'minMs', 100, 1),
    maxMs: number(given, 'maxMs', 30_000, 1),
    factor: number(given, 'factor', 2, 1),
    jitter: number(given, 'jitter', 0.5, 0, 1),
    attempts: number(given, 'attempts', Number.POSITIVE_INFINITY),
  }
}

function completeHeartbeat<Outgoing>(
  options: HeartbeatOptions<Outgoing>,
): Required<HeartbeatOptions<Outgoing>> {
  refuseUnknown(options, ['message', 'intervalMs', 'missedMax'], 'heartbeat.')
  const { message } = options
  if (message === undefined) throw new NetError('BAD_OPTION', 'heartbeat.message: missing')
  return {
    message,
    intervalMs: number(options, 'intervalMs', 0, 1),
    missedMax: number(options, 'missedMax', 2),
  }
}

export const CONNECTION_OPTIONS: readonly (keyof ConnectionOptions<unknown>)[] = [
  'noDelay',
  'keepAlive',
  'connectTimeoutMs',
  'idleTimeoutMs',
  'readTimeoutMs',
  'writeTimeoutMs',
  'closeTimeoutMs',
  'highWaterMark',
  'queueLengthMax',
  'messageLengthMax',
  'heartbeat',
]

/** Without them the first connection would fail, where no code of the program catches it. */
export function checkParts(codec: unknown, handlers: unknown): void {
  for (const [name, part] of Object.entries({ codec, handlers }))
    if (!['object', 'function'].includes(typeof part) || part === null)
      throw new NetError('BAD_OPTION', `${name}: an object or a function is needed, not ${String(part)}`)
}

/** A misspelled option would have no effect, and nobody would notice. */
export function refuseUnknown(options: object, known: readonly string[], place = ''): void {
  if (typeof options !== 'object' || options === null) {
    const name = place === '' ? 'options' : place.slice(0, -1)
    throw new NetError('BAD_OPTION', `${name}: an object is needed, not ${String(options)}`)
  }
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new NetError('BAD_OPTION', `${place}${name}: no such option`)
}

function number<Options extends object>(
  options: Options,
  name: keyof Options & string,
  byDefault: number,
  min = 0,
  max = Number.POSITIVE_INFINITY,
): number {
  const value: unknown = options[name] ?? byDefault
  if (typeof value === 'number' && value >= min && value <= max) return value
  const range = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`
  throw new NetError('BAD_OPTION', `${name}: a number ${range} is needed, not ${String(value)}`)
}

function boolean<Options extends object>(
  options: Options,
  name: keyof Options & string,
  byDefault: boolean,
): boolean {
  const value: unknown = options[name] ?? byDefault
  if (typeof value === 'boolean') return value
  throw new NetError('BAD_OPTION', `${name}: true or false is needed, not ${String(value)}`)
}

const MEGABYTE = 1024 * 1024
