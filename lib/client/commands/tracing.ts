import { tracingChannel } from 'node:diagnostics_channel'
import { ClientError } from '../client-error.js'
import type { Key } from './command-options.js'

/**
 * What subscribers of `tracing:keepcached:command:*` get: one request to one server, with the names that OpenTelemetry's
 * conventions have for calls of databases. `keys`, `result` and `error` are not attributes.
 */
export interface CommandTrace {
  readonly 'db.system.name': 'memcached'
  /** Such as `get`; for a batch `BATCH get`. */
  readonly 'db.operation.name': string
  /** How many keys a batch has. */
  readonly 'db.operation.batch.size'?: number
  /** The host, or the path of a socket. */
  readonly 'server.address': string
  readonly 'server.port'?: number
  /** The code of the error. */
  'error.type'?: string
  /** None for a command to all servers. */
  readonly keys: readonly Key[]
  result?: unknown
  error?: unknown
}

/** A request, as the commands tell it. */
export interface TracedRequest {
  readonly name: string
  /** The server's name: a host and a port, or a path. */
  readonly server: string
  readonly keys: readonly Key[]
  readonly isBatch?: boolean
}

const channel = tracingChannel<unknown, CommandTrace>('keepcached:command')

/** Whether anybody listens: a command pays nothing else for tracing. */
export const isTraced = (): boolean => channel.hasSubscribers

/** Tells the subscribers of the request and its end. */
export function traced<R>(promise: Promise<R>, request: TracedRequest): Promise<R> {
  const trace = traceOf(request)
  const fail = (error: unknown) => {
    trace['error.type'] = error instanceof ClientError ? error.code : '_OTHER'
    throw error
  }
  return channel.tracePromise(() => promise.catch(fail), trace)
}

function traceOf({ name, server, keys, isBatch = false }: TracedRequest): CommandTrace {
  const place = /^\[?([^\]]*)\]?:(\d+)$/.exec(server)
  return {
    'db.system.name': 'memcached',
    'db.operation.name': isBatch ? `BATCH ${name}` : name,
    ...(isBatch && { 'db.operation.batch.size': keys.length }),
    'server.address': place === null ? server : place[1]!,
    ...(place !== null && { 'server.port': Number(place[2]) }),
    keys,
  }
}
