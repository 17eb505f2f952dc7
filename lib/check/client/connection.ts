import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type Address, showAddress } from './address.js'
import { ClientError } from './client-error.js'

/** What the tools need to connect to a server. */
export interface Endpoint {
  readonly address: Address
  /** Undefined: no TLS. */
  readonly tls: ConnectionOptions | undefined
  readonly timeoutMs: number
  readonly credentials: Credentials | undefined
}

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** UNREACHABLE: no connection; SILENT: nothing arrived in time; RESET: the server reset it; ENDED: it was closed too early. */
/** The connection could not be made, or has ended. */
export class ConnectionError extends ClientError {}

/** Received bytes wait here until they are read; beyond this the socket is not read. */
const WAITING_LENGTH_MAX = 1024 * 1024

/** A connection that sends bytes and reads those that arrive. It does not end its own side before `close`. */
export class Connection {
  private readonly socket: Socket
  private readonly timeoutMs: number
  private chunks: Buffer[] = []
  private waitingLength = 0
  private ending: 'ended' | ConnectionError | undefined
  private wake: () => void = () => undefined

  private constructor(socket: Socket, { timeoutMs }: Endpoint) {
    this.socket = socket
    this.timeoutMs = timeoutMs
    socket.on('data', (chunk: Buffer) => this.keep(chunk))
    socket.on('end', () => this.end('ended'))
    socket.on('error', (error) =>
      this.end(new ConnectionError('RESET', `the server broke off: ${error.message}`)),
    )
    socket.on('close', () => this.end('ended'))
  }

  static open(endpoint: Endpoint): Promise<Connection> {
    const socket = socketTo(endpoint)
    const readyEvent = endpoint.tls === undefined ? 'connect' : 'secureConnect'
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => {
        socket.destroy()
        const message = `${showAddress(endpoint.address)}: ${reason}`
        reject(new ConnectionError('UNREACHABLE', message))
      }
      const timer = setTimeout(
        () => fail(`no connection within ${endpoint.timeoutMs} ms`),
        endpoint.timeoutMs,
      )
      const onError = (error: Error) => {
        clearTimeout(timer)
        fail(reasonOf(error))
      }
      const onEarlyEnd = () => onError(new Error('the connection was closed before it was open'))
      socket.once('error', onError)
      socket.once('close', onEarlyEnd)
      socket.once(readyEvent, () => {
        clearTimeout(timer)
        socket.removeListener('error', onError)
        socket.removeListener('close', onEarlyEnd)
        resolve(new Connection(socket, endpoint))
      })
    })
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** The next bytes, in chunks of any length; undefined at the end of the stream. Throws a ConnectionError. */
  async read(timeoutMs = this.timeoutMs): Promise<Buffer | undefined> {
    if (this.chunks.length === 0 && this.ending === undefined) await this.news(timeoutMs)
    const chunk = this.chunks.shift()
    if (chunk !== undefined) {
      this.waitingLength -= chunk.length
      this.socket.resume()
      return chunk
    }
    if (this.ending instanceof ConnectionError) throw this.ending
    if (this.ending === 'ended') return undefined
    throw new ConnectionError('SILENT', `nothing came within ${timeoutMs} ms`)
  }

  close(): void {
    this.socket.destroy()
  }

  private keep(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.waitingLength += chunk.length
    if (this.waitingLength > WAITING_LENGTH_MAX) this.socket.pause()
    this.wake()
  }

  private end(ending: 'ended' | ConnectionError): void {
    this.ending ??= ending
    this.wake()
  }

  /** Resolves when bytes have arrived, the stream has ended, or the time has passed. */
  private news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function socketTo({ address, tls }: Endpoint): Socket {
  const place = { ...address, allowHalfOpen: true, noDelay: true }
  if (tls === undefined) return connectTcp(place)
  // The name is sent (SNI), so that a server with several certificates chooses the right one. An address is not a name.
  const servername = 'host' in address && isIP(address.host) === 0 ? { servername: address.host } : {}
  return connectTls({ ...place, ...servername, ...tls })
}

/** If a name has several addresses, the errors are inside one without a useful text. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError
    ? error.errors.map(({ message }) => message).join('; ')
    : error.message
}
