import type { Socket } from 'node:net'
import type { Inbox } from './inbox.js'
import type { SocketConnection } from './socket-connection.js'

/** Passes what happens to a socket to its connection, as long as it is the connection's socket. */
export function watchSocket<Incoming, Outgoing>(
  socket: Socket,
  connection: SocketConnection<Incoming, Outgoing>,
): void {
  let lastError: Error | undefined
  socket.on('end', () => {
    if (connection.socket === socket) connection.onPeerEnd()
  })
  // Kept until `close`, which follows: then the socket is gone.
  socket.on('error', (error) => {
    lastError = error
  })
  socket.on('close', () => {
    if (connection.socket === socket) connection.onLost(lastError)
  })
}

/** Passes the bytes too: for sockets that do not read into the inbox directly. */
export function watchData<Incoming, Outgoing>(
  socket: Socket,
  connection: SocketConnection<Incoming, Outgoing>,
  inbox: Inbox,
): void {
  socket.on('data', (chunk: Buffer) => {
    if (connection.socket !== socket) return
    inbox.add(chunk)
    connection.onReceived()
  })
}
