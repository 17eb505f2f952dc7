import type { Socket } from 'node:net'

/**
 * What `connect` returns, and what the handlers get.
 *
 *     connecting ──▶ open ──▶ closing ──▶ closed
 *         ▲           │          end        ▲
 *         └───────────┴─────────────────────┘
 *          reconnect         destroy, errors
 */
export interface Connection<Outgoing> {
  readonly state: ConnectionState
  /** Bytes that `send` has accepted and the system has not taken yet. */
  readonly queuedLength: number
  /** Bytes that the system has taken. Less than this plus `queuedLength` when a message was sent: it may still be read from. */
  readonly sentLength: number
  /** Node's socket: for addresses and certificates. Undefined between two attempts to connect, and once closed. */
  readonly socket: Socket | undefined

  /**
   * Accepts a message. All messages of a turn leave in one write at its end. While the connection connects, they wait.
   *
   * Returns false if the caller should wait for `onDrain` before it sends more. Returns false as well, and drops the message,
   * if the connection is closing or closed. Throws a NetError with the code QUEUE_FULL if `queueLengthMax` bytes wait
   * already; throws what the codec throws if the message cannot be encoded. Then the message is not accepted, and the
   * connection stays as it is.
   */
  send(message: Outgoing): boolean

  /** Writes what was accepted at once, not at the end of the turn. */
  flush(): void

  /** Stops to read: no `onMessage` until `resume`. */
  pause(): void
  resume(): void

  /** Whether the connection keeps the process running. */
  ref(): void
  unref(): void

  /**
   * Sends everything accepted, then half-closes and waits until the peer has closed too, at most `closeTimeoutMs`. Messages
   * that arrive until then are delivered. Resolves when the connection is closed.
   */
  end(): Promise<void>

  /** Resolves when nothing is left of the connection: the last `onClose` was called. */
  whenClosed(): Promise<void>

  /** Closes at once; what waits is dropped. `onClose`, and `onError` if there is an error, are called in a later turn. */
  destroy(error?: Error): void
}

export type ConnectionState = 'connecting' | 'open' | 'closing' | 'closed'

/**
 * Called as methods. A handler that throws, or returns a promise that rejects, closes its connection with the error. If there is no `onError`, the error of a
 * handler is thrown as an uncaught exception: it is a defect of the program. So is an error that `onError` or `onClose` throw.
 */
export interface Handlers<Incoming, Outgoing = Incoming> {
  /** What it sends leaves before messages that were accepted earlier. */
  onConnect?(connection: Connection<Outgoing>): void
  onMessage?(message: Incoming, connection: Connection<Outgoing>): void
  /** `send` has returned false, and may be called again. */
  onDrain?(connection: Connection<Outgoing>): void
  /** The peer sends no more. Without this handler the connection ends too, once everything accepted is sent. */
  onEnd?(connection: Connection<Outgoing>): void
  /** Why the connection closes, or why an attempt to connect failed. */
  onError?(error: Error, connection: Connection<Outgoing>): void
  /** The connection is closed. Its state is `closed`, or `connecting` if it connects again. */
  onClose?(connection: Connection<Outgoing>, error?: Error): void
}
