import net from 'node:net'
import { BareWire } from './bare-wire.js'
import { type Handle, isBare, socketOver } from './handle.js'
import { SocketWire } from './socket-wire.js'
import { type Encryption, TlsWire } from './tls-wire.js'
import type { Uring } from './uring/uring.js'
import type { Wire, WireListener } from './wire.js'

/** An accepted connection: a socket's handle if this Node version gives it, otherwise the socket. */
export type Accepted = Handle | net.Socket

/** Not encrypted without `encryption`. */
export function openWire(
  accepted: Accepted,
  listener: WireListener,
  encryption?: Encryption,
  ring?: Uring,
): Wire {
  if (encryption !== undefined) {
    const socket = accepted instanceof net.Socket ? accepted : socketOver(accepted)
    return new TlsWire(socket, listener, encryption)
  }
  if (accepted instanceof net.Socket) return new SocketWire(accepted, listener)
  if (!isBare(accepted)) return new SocketWire(socketOver(accepted), listener)
  return ring?.openWire(accepted, listener) ?? new BareWire(accepted, listener)
}

/** Closes a connection that will not be served, with a text that gives the reason. */
export function refuse(accepted: Accepted, message: string): void {
  const wire = openWire(accepted, {
    received: () => true,
    nextBuffer: () => REFUSED_BYTES,
    ended: ignore,
    drained: ignore,
    closed: ignore,
  })
  if (message !== '') wire.send(Buffer.from(message))
  // The first request is likely on its way. Read for a turn of the event loop, it does not reset the client.
  wire.endSending()
  wire.finish()
}

/** The bytes of a refused peer are not read. */
const REFUSED_BYTES = Buffer.alloc(1024)

const ignore = () => undefined
