import { createServer as createNetServer, type Server, type Socket } from 'node:net'
import { constants } from 'node:os'
import { createServer as createTlsServer } from 'node:tls'
import { checkFunction, checkObject, checkParts, checkPlace, number, refuseUnknown } from './check-options.js'
import type { Codec } from './codecs/codec.js'
import { CONNECTION_OPTIONS, completeSettings } from './complete-settings.js'
import { Inbox } from './connection/inbox.js'
import { SocketConnection } from './connection/socket-connection.js'
import { watchData, watchSocket } from './connection/watch-socket.js'
import type { Handlers } from './connection.js'
import { type Listener, ServerListener } from './listener.js'
import { NetError } from './net-error.js'
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
  const signals = checkedOptions(options)
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
  listener = new ServerListener(server, connections, sockets, signals)
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

/** Returns the signals of `stopOnSignal`. */
function checkedOptions<Outgoing>(options: ListenOptions<Outgoing>): readonly NodeJS.Signals[] {
  checkPlace(options, 0)
  checkObject('tls', options.tls)
  checkFunction('onAcceptError', options.onAcceptError)
  for (const name of ['backlog', 'connectionsMax'] as const)
    if (options[name] !== undefined) number(options, name, 0)
  return signalsOf(options.stopOnSignal)
}

function signalsOf(option: boolean | readonly NodeJS.Signals[] = false): readonly NodeJS.Signals[] {
  if (option === true) return ['SIGINT', 'SIGTERM']
  if (option === false) return []
  if (!Array.isArray(option)) throw badSignals(option)
  for (const name of option)
    if (!Object.hasOwn(constants.signals, name) || UNHEARD.has(name)) throw badSignals(name)
  return option
}

const badSignals = (given: unknown): NetError =>
  new NetError('BAD_OPTION', `stopOnSignal: true, false or names of signals are needed, not ${String(given)}`)

/** The system tells no process of these. */
const UNHEARD: ReadonlySet<string> = new Set(['SIGKILL', 'SIGSTOP'])

function warn(error: Error): void {
  process.emitWarning(`A connection could not be accepted: ${error.message}`)
}

const TIMER_MS_MAX = 0x7fffffff
