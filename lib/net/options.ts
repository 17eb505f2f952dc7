import type { LookupFunction } from 'node:net'
import type { ConnectionOptions as TlsConnectOptions, TlsOptions } from 'node:tls'

/** The options of connections, on both sides. Times are in milliseconds, and 0 turns a timeout off; lengths are in bytes. */
export interface ConnectionOptions<Outgoing> {
  /** Send short writes at once (TCP_NODELAY). Default: true. */
  readonly noDelay?: boolean
  /** Let the system look for dead peers. Default: true. */
  readonly keepAlive?: boolean
  /** Until the connection is open: looking the name up, connecting, TLS. Default: 10,000. */
  readonly connectTimeoutMs?: number
  /** Closes a connection on which no byte goes either way. Default: 0. */
  readonly idleTimeoutMs?: number
  /** Closes a connection on which no byte arrives. Time while paused does not count. Default: 0. */
  readonly readTimeoutMs?: number
  /** Closes a connection that has bytes to send, but the system takes none of them. Default: 0. */
  readonly writeTimeoutMs?: number
  /** How long `end` waits: for a peer that reads nothing, or does not close its side. Default: 10,000. */
  readonly closeTimeoutMs?: number
  /** `send` returns false from this length of the queue on. Default: 64 KiB. */
  readonly highWaterMark?: number
  /** `send` throws from this length of the queue on. Default: 16 MiB. */
  readonly queueLengthMax?: number
  /** A longer message closes the connection. Default: 16 MiB. */
  readonly messageLengthMax?: number
  readonly heartbeat?: HeartbeatOptions<Outgoing>
}

export interface HeartbeatOptions<Outgoing> {
  /** Sent when nothing has arrived for the interval. Whatever arrives is an answer. */
  readonly message: Outgoing
  readonly intervalMs: number
  /** How many messages in a row may stay without an answer. Default: 2. */
  readonly missedMax?: number
}

export interface ConnectOptions<Outgoing> extends ConnectionOptions<Outgoing> {
  /** A name or an address. All addresses of a name are tried. Default: 127.0.0.1. */
  readonly host?: string
  readonly port?: number
  /** A unix socket, instead of host and port. */
  readonly path?: string
  /** Resolves names, instead of the system. */
  readonly lookup?: LookupFunction
  /** `servername` is `host` if that is a name; with an address, no name is sent and the certificate has to have the address. */
  readonly tls?: boolean | TlsConnectOptions
  /** Connect again, after failed attempts and after a connection is lost. Default: no. */
  readonly reconnect?: boolean | ReconnectOptions
}

/** The first attempt waits `minMs`, each one after it `factor` times as long, up to `maxMs`. */
export interface ReconnectOptions {
  /** Default: 100. */
  readonly minMs?: number
  /** Default: 30,000. */
  readonly maxMs?: number
  /** Default: 2. */
  readonly factor?: number
  /** Up to this part of each wait is left out at random, from 0 to 1: clients of one server spread. Default: 0.5. */
  readonly jitter?: number
  /** Failed attempts in a row before the connection is closed. Default: no limit. */
  readonly attempts?: number
}

export interface ListenOptions<Outgoing> extends ConnectionOptions<Outgoing> {
  /** Default: 127.0.0.1. */
  readonly host?: string
  /** Default: 0, any free port. */
  readonly port?: number
  /** A unix socket, instead of host and port. */
  readonly path?: string
  readonly backlog?: number
  readonly tls?: TlsOptions
  /** More connections are closed as they arrive. Default: no limit. */
  readonly connectionsMax?: number
  /** Close the listener at these signals; true: SIGINT and SIGTERM. A second signal acts as without this option. */
  readonly stopOnSignal?: boolean | readonly NodeJS.Signals[]
  /** The system could not accept a connection, for example because the process has no file descriptor left. Default: a warning. */
  readonly onAcceptError?: (error: Error) => void
}

/** What a connection reads: every option has its value. Connections of a listener share one. */
export interface Settings<Outgoing> {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly readTimeoutMs: number
  readonly writeTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly highWaterMark: number
  readonly queueLengthMax: number
  readonly messageLengthMax: number
  readonly heartbeat: Required<HeartbeatOptions<Outgoing>> | undefined
}
