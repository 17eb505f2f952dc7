/** The calls that a connection receives from its socket. */
export interface WireListener {
  /** This many bytes are in the buffer that `nextBuffer` returned last. Returns false to pause reading. */
  received(length: number): boolean
  /** The buffer for the next bytes. */
  nextBuffer(): Buffer
  /** The peer will send no more. */
  ended(): void
  /** All that was sent has been taken. */
  drained(): void
  /** The socket is closed, for any reason. */
  closed(): void
}

/** A socket that reads into the arena and writes from it. */
export interface Wire {
  /** True if the kernel took all of it at once; otherwise the bytes must not change until `drained`. */
  send(bytes: Buffer): boolean
  sendAll(pieces: Buffer[]): boolean
  /** Pauses reading, as a `received` that returns false. Not to be called during one. */
  pause(): void
  /** Resumes reading. */
  resume(): void
  /** Closes the sending side once all is sent, and keeps reading. */
  endSending(): void
  /**
   * Closes once all is sent; if it is already, a peer that continues to send is reset. After `endSending` it closes when the end
   * has been sent, and bytes that arrive until then are still read.
   */
  finish(): void
  /** Closes at once. */
  destroy(): void
  readonly remoteAddress: string
  readonly localAddress: string
}
