import type net from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { Counter, type Counters } from '../../metrics/counters.js'
import type { VerifyMode } from '../../options/table/tls-options.js'
import { SocketWire } from './socket-wire.js'
import { TlsReader } from './tls-reader.js'
import type { WireListener } from './wire.js'

/** The parts of its worker and its listener that an encrypted connection needs. */
export interface Encryption {
  readonly secureContext: SecureContext
  /** Whether the client must show a certificate. */
  readonly verify: VerifyMode
  /** Where replies are joined to be encrypted together; all connections of a worker share it. */
  readonly gathered: Buffer
  readonly counters: Counters
}

/**
 * TLS, with the public interface. Node encrypts within `write`, into its own memory, so that the given bytes are free again at
 * once. But that memory has no bound: so there is one write at a time, no longer than `gathered`, and the rest
 * waits in place until the socket has taken the earlier bytes.
 *
 *     pieces ──▶ waiting ──▶ gathered ──write──▶ encrypted, in Node's memory ──▶ socket
 */
export class TlsWire extends SocketWire {
  private readonly encryption: Encryption
  private readonly handshake: NodeJS.Timeout
  private reader: TlsReader | undefined = undefined
  private isSecure = false
  private isWriting = false
  /** The listener was notified that not all was taken. */
  private owesDrained = false
  /** Called once nothing waits. */
  private isEnding = false
  private isFinishing = false
  private readonly waiting: Buffer[] = []
  private readonly onWritten = () => this.written()

  constructor(socket: net.Socket, listener: WireListener, encryption: Encryption) {
    const { secureContext, verify } = encryption
    const { TLSSocket } = process.getBuiltinModule('node:tls')
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      requestCert: verify !== 'none',
      rejectUnauthorized: verify === 'require',
    })
    super(secured, listener)
    this.encryption = encryption
    this.handshake = setTimeout(() => this.fail(), HANDSHAKE_MS_MAX).unref()
    secured.once('secure', () => this.secure(secured))
    secured.once('error', () => {
      if (!this.isSecure) this.countError()
    })
    // After the handshake Node reports TLS errors of a single socket only in this undocumented way.
    secured.once('_tlsError', (error: NodeJS.ErrnoException) => {
      if (this.isSecure && isOfProtocol(error)) this.countError()
      this.destroy()
    })
    secured.once('close', () => clearTimeout(this.handshake))
  }

  override send(bytes: Buffer): boolean {
    if (this.isWriting || bytes.length > this.encryption.gathered.length) return this.sendAll([bytes])
    this.write(bytes)
    return true
  }

  override sendAll(pieces: Buffer[]): boolean {
    if (this.socket.destroyed) return true
    this.waiting.push(...pieces)
    this.writeOn()
    this.owesDrained = this.waiting.length > 0
    return !this.owesDrained
  }

  override pause(): void {
    if (this.reader === undefined) super.pause()
    else this.reader.pause()
  }

  override resume(): void {
    if (this.reader === undefined) super.resume()
    else this.reader.resume()
  }

  protected override ended(): void {
    if (this.reader === undefined) super.ended()
    else this.reader.end()
  }

  override endSending(): void {
    if (this.waiting.length > 0) this.isEnding = true
    else super.endSending()
  }

  /** The end of TLS is sent before that of the socket. Before the handshake no end can be sent. */
  override finish(): void {
    if (!this.isSecure) this.destroy()
    else if (this.waiting.length > 0) this.isFinishing = true
    else this.socket.destroySoon()
  }

  protected override hand(chunk: Buffer): void {
    if (this.isSecure) super.hand(chunk)
  }

  private secure(socket: TLSSocket): void {
    const { verify, counters } = this.encryption
    clearTimeout(this.handshake)
    if (!isWelcome(socket, verify)) {
      this.fail()
      return
    }
    this.isSecure = true
    this.reader = TlsReader.over(socket, this.listener)
    if (!socket.isSessionReused()) counters.count(Counter.ssl_new_sessions)
  }

  private fail(): void {
    this.countError()
    this.destroy()
  }

  private countError(): void {
    const { counters } = this.encryption
    counters.count(this.isSecure ? Counter.ssl_proto_errors : Counter.ssl_handshake_errors)
  }

  private write(bytes: Buffer): void {
    if (this.socket.destroyed) return
    this.isWriting = true
    this.socket.write(bytes, this.onWritten)
  }

  private writeOn(): void {
    while (!this.isWriting && this.waiting.length > 0) this.write(this.nextBytes())
  }

  /** The next bytes that are encrypted together. Only bytes in several pieces are moved. */
  private nextBytes(): Buffer {
    const { waiting } = this
    const { gathered } = this.encryption
    if (waiting.length === 1 || waiting[0]!.length >= gathered.length) return this.take(gathered.length)
    let length = 0
    while (length < gathered.length && waiting.length > 0) {
      length += this.take(gathered.length - length).copy(gathered, length)
    }
    return gathered.subarray(0, length)
  }

  /** The first of the waiting pieces, or this much of it. */
  private take(lengthMax: number): Buffer {
    const first = this.waiting[0]!
    if (first.length <= lengthMax) this.waiting.shift()
    else this.waiting[0] = first.subarray(lengthMax)
    return first.subarray(0, lengthMax)
  }

  private written(): void {
    this.isWriting = false
    if (this.socket.destroyed) return
    this.writeOn()
    if (this.waiting.length > 0) return
    if (this.isFinishing) this.socket.destroySoon()
    else if (this.isEnding) super.endSending()
    if (!this.owesDrained) return
    this.owesDrained = false
    this.listener.drained()
  }
}

/** Not one of the network, such as a reset. */
const isOfProtocol = ({ code = '' }: NodeJS.ErrnoException): boolean =>
  code.startsWith('ERR_SSL') || code === 'EPROTO'

/** How long a client may take for its handshake. */
const HANDSHAKE_MS_MAX = 10_000

/**
 * Whether the client's certificate was verified. Node reports the result of the verification to its own TLS servers,
 * but to a single socket only in an undocumented way; without that no client that must be verified is accepted.
 */
function isWelcome(socket: TLSSocket, verify: VerifyMode): boolean {
  if (verify === 'none') return true
  const hasShownNone = Object.keys(socket.getPeerCertificate() ?? {}).length === 0
  if (hasShownNone) return verify !== 'require'
  const { ssl } = socket as TLSSocket & { ssl?: { verifyError?(): Error | null | undefined } }
  return typeof ssl?.verifyError === 'function' && !ssl.verifyError()
}
