import type net from 'node:net'
import type { Wire, WireListener } from './wire.js'

/** Common to all wires. */
export abstract class SocketWire implements Wire {
  protected readonly socket: net.Socket
  protected readonly listener: WireListener

  protected constructor(socket: net.Socket, listener: WireListener) {
    this.socket = socket
    this.listener = listener
    socket.on('end', () => this.ended())
    // An error is always followed by the close, and gives a server nothing that it could act on.
    socket.on('error', ignore)
    socket.on('close', () => listener.closed())
  }

  /** The stream has ended. */
  protected ended(): void {
    this.listener.ended()
  }

  abstract send(bytes: Buffer): boolean
  abstract sendAll(pieces: Buffer[]): boolean

  resume(): void {
    this.socket.resume()
  }

  endSending(): void {
    this.socket.end()
  }

  finish(): void {
    this.socket.destroySoon()
  }

  destroy(): void {
    this.socket.destroy()
  }

  get remoteAddress(): string {
    return addressText(this.socket.remoteAddress, this.socket.remotePort)
  }

  get localAddress(): string {
    return addressText(this.socket.localAddress, this.socket.localPort)
  }
}

const ignore = () => undefined

const addressText = (address: string | undefined, port: number | undefined): string =>
  address === undefined ? '' : `${address.includes(':') ? `[${address}]` : address}:${port}`
