/**
 * How the bytes of a client are handled. A connection only moves to later phases:
 *
 *     SERVING ──┬─ watch ───▶ WATCHING ──┐
 *               │                        ├─ end of the client, or of the server ─▶ ENDING ──┐
 *               ├─ quit, refused login ──┘                                                  ├─▶ CLOSED
 *               └─ no request ────────────────────────────────────────────────▶ BROKEN ────┘
 *
 * From each phase the loss of the socket leads to CLOSED.
 */
export const Phase = {
  /** Requests are answered. */
  SERVING: 0,
  /** Lines are sent to the client, which sends no more requests. */
  WATCHING: 1,
  /** The server closes the connection: replies are still sent, and received bytes are skipped. */
  ENDING: 2,
  /** As ENDING, after bytes that are not a request: it is unknown how many more will come. */
  BROKEN: 3,
  /** The socket is closed, or will be at once. */
  CLOSED: 4,
} as const
export type Phase = (typeof Phase)[keyof typeof Phase]

/** What the next request waits for. For replies that are not sent yet see `Outbox`. */
export const Awaited = {
  NOTHING: 0,
  /** The connection's next turn: others go first. */
  TURN: 1,
  /** Room in the journal. */
  ROOM: 2,
  /** A change of a key: the last request is answered then. */
  KEY: 3,
  /** Replies of a remote engine to earlier requests. */
  REPLIES: 4,
} as const
export type Awaited = (typeof Awaited)[keyof typeof Awaited]
