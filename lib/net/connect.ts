import {
  isIP,
  connect as netConnect,
  type OnReadOpts,
  type Socket,
  type TcpSocketConnectOpts,
} from 'node:net'
import { type ConnectionOptions as TlsConnectOptions, connect as tlsConnect } from 'node:tls'
import { Backoff } from './backoff.js'
import { checkFunction, checkObject, checkParts, checkPlace, refuseUnknown } from './check-options.js'
import type { Codec } from './codecs/codec.js'
import { CONNECTION_OPTIONS, completeReconnect, completeSettings } from './complete-settings.js'
import { Inbox } from './connection/inbox.js'
import { SocketConnection } from './connection/socket-connection.js'
import { watchData, watchSocket } from './connection/watch-socket.js'
import type { Connection, Handlers } from './connection.js'
import { NetError } from './net-error.js'
import type { ConnectOptions, Settings } from './options.js'

/**
 * Returns a connection that connects. Messages may be sent at once: they wait until it is open. Throws a NetError with the
 * code BAD_OPTION if an option is wrong; every other failure goes to the handlers.
 *
 * A codec with state is given as a function that makes one: it is called for each attempt.
 */
export function connect<Incoming, Outgoing>(
  codec: Codec<Incoming, Outgoing> | (() => Codec<Incoming, Outgoing>),
  handlers: Handlers<Incoming, Outgoing>,
  options: ConnectOptions<Outgoing>,
): Connection<Outgoing> {
  checkParts(codec, handlers)
  refuseUnknown(options, [...CONNECTION_OPTIONS, ...CONNECT_OPTIONS])
  if (options.path === undefined && options.port === undefined)
    throw new NetError('BAD_OPTION', 'port or path: missing')
  checkPlace(options, 1)
  checkFunction('lookup', options.lookup)
  if (typeof options.tls !== 'boolean') checkObject('tls', options.tls)
  const settings = completeSettings(options)
  const reconnect = completeReconnect(options.reconnect)
  const connection = new SocketConnection<Incoming, Outgoing>({
    codec: typeof codec === 'function' ? codec : () => codec,
    handlers,
    settings,
    dial: (dialing) => dial(dialing, options, settings),
    backoff: reconnect && new Backoff(reconnect),
  })
  dial(connection, options, settings)
  return connection
}

const CONNECT_OPTIONS: readonly (keyof ConnectOptions<unknown>)[] = [
  'host',
  'port',
  'path',
  'lookup',
  'tls',
  'reconnect',
]

function dial<Incoming, Outgoing>(
  connection: SocketConnection<Incoming, Outgoing>,
  options: ConnectOptions<Outgoing>,
  settings: Settings<Outgoing>,
): void {
  const inbox = new Inbox()
  const { tls } = options
  const isTls = tls !== undefined && tls !== false
  const place = placeOf(options, settings)
  let socket: Socket
  try {
    socket = isTls
      ? tlsConnect({ ...place, ...tlsOptions(options.host, tls) })
      : netConnect({ ...place, onread: readInto(inbox, connection) })
  } catch (error) {
    // Such as a certificate that Node cannot read. Reported like every other failed attempt, after `connect` has returned.
    process.nextTick(failAttempt, connection, error as Error)
    return
  }
  connection.onAttempt(socket, inbox)
  watchSocket(socket, connection)
  if (isTls) watchData(socket, connection, inbox)
  socket.once(isTls ? 'secureConnect' : 'connect', () => {
    if (connection.socket === socket) connection.onOpen(socket)
  })
}

function failAttempt<Incoming, Outgoing>(
  connection: SocketConnection<Incoming, Outgoing>,
  error: Error,
): void {
  // The program may have closed it meanwhile.
  if (connection.state === 'connecting') connection.onLost(error)
}

/** Node tries the addresses of a name one after the other, of both families. */
function placeOf<Outgoing>(
  { host = '127.0.0.1', port = 0, path, lookup }: ConnectOptions<Outgoing>,
  { noDelay, keepAlive }: Settings<Outgoing>,
): TcpSocketConnectOpts {
  const common = { allowHalfOpen: true, noDelay, keepAlive, autoSelectFamily: true }
  // Node's types do not know that the options of TCP have no effect on a unix socket.
  if (path !== undefined) return { ...common, path } as unknown as TcpSocketConnectOpts
  return lookup === undefined ? { ...common, host, port } : { ...common, host, port, lookup }
}

function tlsOptions(host: string | undefined, tls: true | TlsConnectOptions): TlsConnectOptions {
  const given = tls === true ? {} : tls
  return host === undefined || isIP(host) !== 0 ? given : { servername: host, ...given }
}

/** Node reads into the memory that the inbox gives, so that a read allocates nothing. */
function readInto<Incoming, Outgoing>(
  inbox: Inbox,
  connection: SocketConnection<Incoming, Outgoing>,
): OnReadOpts {
  let socket: Socket | undefined
  return {
    buffer: () => inbox.readBuffer(),
    callback: (length) => {
      socket ??= connection.socket
      if (socket === undefined || connection.socket !== socket) return false
      inbox.input.end += length
      connection.onReceived()
      return !connection.isPaused
    },
  }
}
