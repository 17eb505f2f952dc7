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
  readonly writeQueueSize: number
  setNoDelay?(isOn: boolean): number
  setKeepAlive?(isOn: boolean, delay: number): number
  close(): void
}

interface WriteRequest {
  wire?: DirectWire | undefined
  oncomplete?: (this: WriteRequest) => void
}

type WriteRequestClass = new () => WriteRequest

/** What has been accepted: a socket's handle where this Node lets us have it, else the socket. */
export type Accepted = Handle | net.Socket

/** What is needed to write on handles directly, or undefined where this Node lacks something of it. */
export type DirectWay = WriteRequestClass | undefined

export function openWire(accepted: Accepted, way: DirectWay, listener: WireListener): Wire {
  if (accepted instanceof net.Socket) return new PlainWire(accepted, listener)
  return way === undefined
    ? new PlainWire(socketOver(accepted), listener)
    : new DirectWire(accepted, listener, way)
}

/** Closes a connection that nobody will serve, with a word about why. */
export function refuse(accepted: Accepted, way: DirectWay, message: string): void {
  const wire = openWire(accepted, way, {
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

/**
 * The class of write requests has no public name, but a socket's first write hands one to its handle. The handle given is
 * used up.
 */
export function findDirectWay(handle: Handle): DirectWay {
  let found: WriteRequestClass | undefined
  handle.writeBuffer = (request) => {
    found = request.constructor as WriteRequestClass
    return BROKEN_PIPE
  }
  const socket = socketOver(handle)
  socket.on('error', ignore)
  socket.write(Buffer.of(0))
  socket.destroy()
  const isComplete = typeof handle.writev === 'function' && typeof handle.writeQueueSize === 'number'
  return isComplete ? found : undefined
}

const BROKEN_PIPE = -32
const ignore = () => undefined

function socketOver(handle: Handle, onread?: net.OnReadOpts): net.Socket {
  const options = { handle, allowHalfOpen: true, ...(onread && { onread }) }
  return new net.Socket(options as net.SocketConstructorOpts)
}

/** Reads with `onread` into the connection's buffers, and writes on the handle. */
class DirectWire implements Wire {
  private readonly socket: net.Socket
  private readonly handle: Handle
  private readonly listener: WireListener
  private readonly requestClass: WriteRequestClass
  /** A request that was fulfilled at once is as good as new. */
  private static spareRequest: WriteRequest | undefined

  constructor(handle: Handle, listener: WireListener, requestClass: WriteRequestClass) {
    this.handle = handle
    this.listener = listener
    this.requestClass = requestClass
    this.socket = socketOver(handle, {
      buffer: () => listener.nextBuffer(),
      callback: (length) => listener.received(length),
    })
    listenTo(this.socket, listener)
    this.socket.resume()
  }

  send(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true
    const request = this.takeRequest()
    return this.sent(request, this.handle.writeBuffer(request, bytes))
  }

  sendAll(pieces: Buffer[]): boolean {
    if (this.socket.destroyed) return true
    const request = this.takeRequest()
    return this.sent(request, this.handle.writev(request, pieces, true))
  }

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

  /** The kernel took what had to wait. */
  fulfilled(): void {
    if (!this.socket.destroyed && this.handle.writeQueueSize === 0) this.listener.drained()
  }

  private takeRequest(): WriteRequest {
    const request = DirectWire.spareRequest ?? new this.requestClass()
    DirectWire.spareRequest = undefined
    request.oncomplete = onFulfilled
    return request
  }

  private sent(request: WriteRequest, error: number): boolean {
    if (error !== 0) {
      this.socket.destroy()
      return true
    }
    if (this.handle.writeQueueSize > 0) {
      request.wire = this
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
class PlainWire implements Wire {
  private readonly socket: net.Socket
  private readonly listener: WireListener

  constructor(socket: net.Socket, listener: WireListener) {
    this.listener = listener
    this.socket = socket
    listenTo(this.socket, listener)
    this.socket.on('data', (chunk: Buffer) => this.hand(chunk))
  }

  send(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true
    this.socket.write(bytes, () => this.fulfilled())
    return this.socket.writableLength === 0
  }

  sendAll(pieces: Buffer[]): boolean {
    this.socket.cork()
    for (const piece of pieces) this.socket.write(piece, () => this.fulfilled())
    this.socket.uncork()
    return this.socket.writableLength === 0
  }

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

/** An error is always followed by the close, and tells a server nothing that it could act on. */
function listenTo(socket: net.Socket, listener: WireListener): void {
  socket.on('end', () => listener.ended())
  socket.on('error', ignore)
  socket.on('close', () => listener.closed())
}

const addressText = (address: string | undefined, port: number | undefined): string =>
  address === undefined ? '' : `${address.includes(':') ? `[${address}]` : address}:${port}`
