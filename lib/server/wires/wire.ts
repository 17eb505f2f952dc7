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
