import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls'

/** How the peer ended the connection: with an end of stream, or a reset. */
export type Ending = 'end of stream' | 'reset'

/** Long enough for a busy machine; a longer wait is an error. */
const PATIENCE_MS = 90_000

/** A plain connection that sends bytes and waits for bytes. It does not close its own side by itself. */
export class Connection {
  private readonly socket: Socket
  private chunks: Buffer[] = []
  private receivedLength = 0
  private receivedEnding: Ending | undefined
  private isDestroyed = false
  /** Those who wait look again. */
  private readonly waiting = new Set<() => void>()

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk)
      this.receivedLength += chunk.length
      this.wakeAll()
    })
    socket.once('end', () => {
      this.receivedEnding ??= 'end of stream'
      this.wakeAll()
    })
    socket.on('error', () => {
      this.receivedEnding ??= 'reset'
      this.wakeAll()
    })
    socket.once('close', () => {
      this.isDestroyed = true
      this.wakeAll()
    })
  }

  static async open(address: NetConnectOpts): Promise<Connection> {
    const socket = connect({ ...address, allowHalfOpen: true })
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Encrypted. Rejects if the server aborts the handshake. */
  static async openTls(options: ConnectionOptions): Promise<{ connection: Connection; socket: TLSSocket }> {
    const socket = connectTls({ rejectUnauthorized: false, ...options })
    await once(socket, 'secureConnect')
    return { connection: new Connection(socket), socket }
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** Sends bytes and waits until the kernel has taken them all. */
  async sendAll(bytes: Buffer): Promise<void> {
    await new Promise((resolve) => this.socket.write(bytes, resolve))
  }

  /** How much of what was sent still waits in this process because the server does not read. */
  get unsentLength(): number {
    return this.socket.writableLength
  }

  /** How many bytes have arrived and were not taken. */
  get unreadLength(): number {
    return this.receivedLength
  }

  /** Closes our side only: the server sees the end of the stream and can still answer. */
  endSide(): void {
    this.socket.end()
  }

  /** Resets: the server sees a reset, or over TLS at least an end without close_notify. */
  reset(): void {
    if (this.socket instanceof TLSSocket) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  close(): void {
    this.socket.destroy()
  }

  /** Stops reading, so that bytes fill the buffers on the way here. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** Takes the next `length` bytes. */
  async receive(length: number): Promise<Buffer> {
    await this.untilReceived(() => this.receivedLength >= length, `${length} bytes`)
    return this.take(length)
  }

  /** Takes everything up to and including `fence`, which must be the last that the server sends. */
  async receiveUntil(fence: Buffer): Promise<Buffer> {
    await this.untilReceived(() => this.endsWith(fence), `the fence ${fence.toString('hex')}`)
    return this.take(this.receivedLength)
  }

  /** Takes everything up to and including `fence`, or up to the end if that comes first. */
  async receiveUntilOrEnd(fence: Buffer): Promise<{ bytes: Buffer; ending: Ending | undefined }> {
    await this.until(() => this.receivedEnding !== undefined || this.endsWith(fence), 'the fence or the end')
    return { bytes: this.take(this.receivedLength), ending: this.receivedEnding }
  }

  /** Takes everything up to the end of the stream. Returns how it ended. */
  async receiveRest(): Promise<{ bytes: Buffer; ending: Ending }> {
    await this.until(() => this.receivedEnding !== undefined, 'the end')
    return { bytes: this.take(this.receivedLength), ending: this.receivedEnding! }
  }

  /**
   * Waits until the server has closed its side for reading too: then its kernel answers further bytes with a reset, and
   * this connection fails. After a mere end of stream nothing would happen.
   */
  async isRefusingBytes(): Promise<boolean> {
    const poke = setInterval(() => this.socket.write('x'), 5)
    try {
      await this.until(() => this.isDestroyed, 'the connection to be closed fully')
      return true
    } finally {
      clearInterval(poke)
    }
  }

  /** After the end of the stream nothing more comes, though the connection is open until its own side ends too. */
  private async untilReceived(isThere: () => boolean, what: string): Promise<void> {
    await this.until(() => this.receivedEnding !== undefined || isThere(), what)
    if (!isThere()) throw new Error(this.disappointment(what))
  }

  private async until(isThere: () => boolean, what: string): Promise<void> {
    if (isThere()) return
    let isPatient = true
    let wake = (): void => {}
    const timer = setTimeout(() => {
      isPatient = false
      wake()
    }, PATIENCE_MS)
    const wakeUp = (): void => wake()
    this.waiting.add(wakeUp)
    try {
      while (!isThere()) {
        if (this.isDestroyed || !isPatient) throw new Error(this.disappointment(what))
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      clearTimeout(timer)
      this.waiting.delete(wakeUp)
    }
  }

  private wakeAll(): void {
    for (const wake of this.waiting) wake()
  }

  private disappointment(what: string): string {
    const received = Buffer.concat(this.chunks)
    const shown = received.toString('hex', 0, 400)
    return `waited for ${what}, got ${received.length} bytes and ${this.receivedEnding ?? 'no end'}: ${shown}`
  }

  private endsWith(fence: Buffer): boolean {
    const last = this.chunks.at(-1)
    if (last === undefined || this.receivedLength < fence.length) return false
    const tail = last.length >= fence.length ? last : this.joined()
    return tail.subarray(tail.length - fence.length).equals(fence)
  }

  private take(length: number): Buffer {
    const all = this.joined()
    const rest = all.subarray(length)
    this.chunks = rest.length > 0 ? [rest] : []
    this.receivedLength = rest.length
    return all.subarray(0, length)
  }

  private joined(): Buffer {
    if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks)]
    return this.chunks[0]!
  }
}
