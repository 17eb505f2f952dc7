import { boolean, number, refuseUnknown } from './check-options.js'
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

const MEGABYTE = 1024 * 1024
