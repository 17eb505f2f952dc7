import { createServer as createNetServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Codec } from './codecs/codec.js'
import { CONNECTION_OPTIONS, checkParts, completeSettings, refuseUnknown } from './complete-settings.js'
import { Inbox } from './connection/inbox.js'
import { SocketConnection } from './connection/socket-connection.js'
import { watchData, watchSocket } from './connection/watch-socket.js'
import type { Handlers } from './connection.js'
import { type Listener, ServerListener } from './listener.js'
import type { ListenOptions, Settings } from './options.js'

/**
 * Listens, and resolves once clients can connect. Rejects with the system's error (`EADDRINUSE`), or with a NetError with the
 * code BAD_OPTION.
 *
 * A codec with state is given as a function that makes one for each connection. So are handlers with state.
 */
export async function listen<Incoming, Outgoing>(
  codec: Codec<Incoming, Outgoing> | (() => Codec<Incoming, Outgoing>),
  handlers: Handlers<Incoming, Outgoing> | (() => Handlers<Incoming, Outgoing>),
  options: ListenOptions<Outgoing> = {},
): Promise<Listener<Outgoing>> {
  checkParts(codec, handlers)
  refuseUnknown(options, [...CONNECTION_OPTIONS, ...LISTEN_OPTIONS])
  const settings = completeSettings(options)
  const connections = new Set<SocketConnection<Incoming, Outgoing>>()
  const sockets = new Set<Socket>()
  let listener: ServerListener<Outgoing> | undefined
  const makeCodec = typeof codec === 'function' ? codec : () => codec
  const makeHandlers = typeof handlers === 'function' ? handlers : () => handlers
  const server = createServer(options, settings, sockets, (socket) => {
    const parts = { codec: makeCodec, handlers: makeHandlers(), settings }
    const connection = new SocketConnection<Incoming, Outgoing>(parts)
    connections.add(connection)
    void connection.whenClosed().then(() => connections.delete(connection))
    if (listener?.isReferenced === false) connection.unref()
    open(connection, socket)
  })
  await listening(server, options)
  server.on('error', options.onAcceptError ?? warn)
  listener = new ServerListener(server, connections, sockets, signalsOf(options.stopOnSignal))
  return listener
}

const LISTEN_OPTIONS: readonly (keyof ListenOptions<unknown>)[] = [
  'host',
  'port',
  'path',
  'backlog',
  'tls',
  'connectionsMax',
  'stopOnSignal',
  'onAcceptError',
]

function open<Incoming, Outgoing>(connection: SocketConnection<Incoming, Outgoing>, socket: Socket): void {
  const inbox = new Inbox()
  connection.onAttempt(socket, inbox)
  watchSocket(socket, connection)
  watchData(socket, connection, inbox)
  connection.onOpen(socket)
}

function createServer<Outgoing>(
  { tls, connectionsMax }: ListenOptions<Outgoing>,
  { noDelay, keepAlive, connectTimeoutMs }: Settings<Outgoing>,
  sockets: Set<Socket>,
  accept: (socket: Socket) => void,
): Server {
  const common = { allowHalfOpen: true, noDelay, keepAlive }
  const server =
    tls === undefined
      ? createNetServer(common)
      : createTlsServer({ ...common, handshakeTimeout: connectTimeoutMs || TIMER_MS_MAX, ...tls })
  if (connectionsMax !== undefined) server.maxConnections = connectionsMax
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on(tls === undefined ? 'connection' : 'secureConnection', accept)
  return server
}

function listening<Outgoing>(
  server: Server,
  { host = '127.0.0.1', port = 0, path, backlog }: ListenOptions<Outgoing>,
): Promise<void> {
  const place = path === undefined ? { host, port } : { path }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(backlog === undefined ? place : { ...place, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function signalsOf(option: boolean | readonly NodeJS.Signals[] = false): readonly NodeJS.Signals[] {
  if (option === true) return ['SIGINT', 'SIGTERM']
  return option === false ? [] : option
}

function warn(error: Error): void {
  process.emitWarning(`A connection could not be accepted: ${error.message}`)
}

const TIMER_MS_MAX = 0x7fffffff
