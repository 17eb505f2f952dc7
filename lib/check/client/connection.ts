import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type Address, showAddress } from './address.js'
import { ClientError } from './client-error.js'

/** What the tools need to know to reach a server. */
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

/** UNREACHABLE: no connection came about; SILENT: nothing came in time; RESET: the server broke off; ENDED: it ended, and more was needed. */
/** The connection does not come about, or is over. */
export class ConnectionError extends ClientError {}

/** Received bytes wait here until they are read; beyond this the socket is not read. */
const WAITING_LENGTH_MAX = 1024 * 1024

/** A connection that sends bytes and reads whatever comes next. It does not end its own side before `close`. */
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
      const onEarlyEnd = () => onError(new Error('the connection ended before it was there'))
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

  /** The next bytes, however they were cut; undefined at the end of the stream. Throws a ConnectionError. */
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

  /** Resolves when something has come or ended, or the time is over. */
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
  // A name is sent along, so that a server with several certificates shows the right one. An address is no name.
  const servername = 'host' in address && isIP(address.host) === 0 ? { servername: address.host } : {}
  return connectTls({ ...place, ...servername, ...tls })
}

/** Where a name stands for several addresses, the error of each stands within one that says nothing. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError
    ? error.errors.map(({ message }) => message).join('; ')
    : error.message
}
