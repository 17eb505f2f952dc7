import net from 'node:net'

/** What a connection hears from its socket. */
export interface WireListener {
  /** So many bytes lie in the buffer that `nextBuffer` answered last. False: no more for now. */
  received(length: number): boolean
  /** Where the next bytes are to be put. */
  nextBuffer(): Buffer
  /** The peer will send no more. */
  ended(): void
  /** All that was sent has been taken. */
  drained(): void
  /** The socket is gone, for whatever reason. */
  closed(): void
}

/** A socket that reads into memory of ours and writes from it. */
export interface Wire {
  /** True when the kernel took all of it at once; else the bytes have to stay until `drained`. */
  send(bytes: Buffer): boolean
  sendAll(pieces: Buffer[]): boolean
  /** Goes on reading. */
  resume(): void
  /** Says that no more will come once all is sent, and goes on reading. */
  endSending(): void
  /** Closes once all is sent. */
  finish(): void
  /** Closes at once. */
  destroy(): void
  readonly remoteAddress: string
  readonly localAddress: string
}

/**
 * What Node does not document of its sockets. A socket's handle writes without the machinery of streams, which costs 4 %
 * of the CPU time of a request and nearly all of its garbage (README.md), and says at once whether the kernel took all.
 */
export interface Handle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number
  writev(request: WriteRequest, pieces: Buffer[], allAreBuffers: true): number
  close(): void
  setNoDelay?(isOn: boolean): number
  setKeepAlive?(isOn: boolean, delay: number): number
}

export interface WriteRequest {
  wire?: DirectWire | undefined
  oncomplete?: (this: WriteRequest) => void
}

/** Node's own view of its streams. Its name is deprecated in the documentation, and nothing has taken its place. */
export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly streamBaseState: ArrayLike<number>
  readonly kLastWriteWasAsync: number
  readonly kArrayBufferOffset: number
}

/** Undefined where this Node lacks something that the direct way needs: then sockets are used in the public way. */
function findStreamBinding(): StreamBinding | undefined {
  try {
    const { binding } = process as NodeJS.Process & { binding?: (name: string) => Partial<StreamBinding> }
    const found = binding?.('stream_wrap')
    const isComplete = found?.WriteWrap && found.streamBaseState && found.kLastWriteWasAsync !== undefined
    return isComplete ? (found as StreamBinding) : undefined
  } catch {
    return undefined
  }
}

export const streams = findStreamBinding()

/** What has been accepted: a socket's handle where this Node lets us have it, else the socket. */
export type Accepted = Handle | net.Socket

export function openWire(accepted: Accepted, listener: WireListener): Wire {
  if (accepted instanceof net.Socket) return new PlainWire(accepted, listener)
  return streams === undefined
    ? new PlainWire(socketOver(accepted), listener)
    : new DirectWire(accepted, listener, streams)
}

/** Closes a connection that nobody will serve, with a word about why. */
export function refuse(accepted: Accepted, message: string): void {
  const wire = openWire(accepted, {
    received: () => true,
    nextBuffer: () => REFUSED_BYTES,
    ended: ignore,
    drained: ignore,
    closed: ignore,
  })
  if (message !== '') wire.send(Buffer.from(message))
  wire.finish()
}

/** What a refused peer says is not read. */
const REFUSED_BYTES = Buffer.alloc(1024)

const ignore = () => undefined

function socketOver(handle: Handle, onread?: net.OnReadOpts): net.Socket {
  const options = { handle, allowHalfOpen: true, ...(onread && { onread }) }
  return new net.Socket(options as net.SocketConstructorOpts)
}

/** What both ways have in common. */
abstract class SocketWire implements Wire {
  protected readonly socket: net.Socket
  protected readonly listener: WireListener

  protected constructor(socket: net.Socket, listener: WireListener) {
    this.socket = socket
    this.listener = listener
    socket.on('end', () => listener.ended())
    // An error is always followed by the close, and tells a server nothing that it could act on.
    socket.on('error', ignore)
    socket.on('close', () => listener.closed())
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

/** Reads with `onread` into the connection's buffers, and writes on the handle. */
class DirectWire extends SocketWire {
  private readonly handle: Handle
  private readonly streams: StreamBinding
  /** Writes that the kernel has not taken whole. */
  private waitingCount = 0
  /** A request that was fulfilled at once is as good as new. */
  private static spareRequest: WriteRequest | undefined

  constructor(handle: Handle, listener: WireListener, streams: StreamBinding) {
    const onread = {
      buffer: () => listener.nextBuffer(),
      callback: (length: number) => listener.received(length),
    }
    super(socketOver(handle, onread), listener)
    this.handle = handle
    this.streams = streams
    this.socket.resume()
  }

  override send(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true
    const request = this.takeRequest()
    return this.sent(request, this.handle.writeBuffer(request, bytes))
  }

  override sendAll(pieces: Buffer[]): boolean {
    if (this.socket.destroyed) return true
    const request = this.takeRequest()
    return this.sent(request, this.handle.writev(request, pieces, true))
  }

  /** The kernel took what had to wait. */
  fulfilled(): void {
    this.waitingCount--
    if (this.waitingCount === 0 && !this.socket.destroyed) this.listener.drained()
  }

  private takeRequest(): WriteRequest {
    const request = DirectWire.spareRequest ?? new this.streams.WriteWrap()
    DirectWire.spareRequest = undefined
    request.oncomplete = onFulfilled
    return request
  }

  private sent(request: WriteRequest, error: number): boolean {
    if (error !== 0) {
      this.socket.destroy()
      return true
    }
    const { streamBaseState, kLastWriteWasAsync } = this.streams
    if (streamBaseState[kLastWriteWasAsync] !== 0) {
      request.wire = this
      this.waitingCount++
      return false
    }
    DirectWire.spareRequest = request
    return true
  }
}

function onFulfilled(this: WriteRequest): void {
  const { wire } = this
  this.wire = undefined
  wire?.fulfilled()
}

/** The public way: what arrives is moved once, and writes go through the socket's stream. */
class PlainWire extends SocketWire {
  constructor(socket: net.Socket, listener: WireListener) {
    super(socket, listener)
    this.socket.on('data', (chunk: Buffer) => this.hand(chunk))
  }

  override send(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true
    this.socket.write(bytes, () => this.fulfilled())
    return this.socket.writableLength === 0
  }

  override sendAll(pieces: Buffer[]): boolean {
    this.socket.cork()
    for (const piece of pieces) this.socket.write(piece, () => this.fulfilled())
    this.socket.uncork()
    return this.socket.writableLength === 0
  }

  private fulfilled(): void {
    if (!this.socket.destroyed && this.socket.writableLength === 0) this.listener.drained()
  }

  private hand(chunk: Buffer): void {
    for (let done = 0; done < chunk.length && !this.socket.destroyed; ) {
      const part = chunk.copy(this.listener.nextBuffer(), 0, done)
      done += part
      if (this.listener.received(part)) continue
      this.socket.pause()
      if (done < chunk.length) this.socket.unshift(chunk.subarray(done))
      return
    }
  }
}

const addressText = (address: string | undefined, port: number | undefined): string =>
  address === undefined ? '' : `${address.includes(':') ? `[${address}]` : address}:${port}`
