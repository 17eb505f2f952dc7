/**
 * What becomes of the bytes that a client sends. A connection only ever goes to a later phase:
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
  /** Lines are sent to the client, which asks for nothing more. */
  WATCHING: 1,
  /** The connection ends from our side: replies are still sent, and what comes is skipped. */
  ENDING: 2,
  /** As ENDING. What came was no request, so it is unknown how much of it is still to come. */
  BROKEN: 3,
  /** The socket is closed, or will be at once. */
  CLOSED: 4,
} as const
export type Phase = (typeof Phase)[keyof typeof Phase]

/** What the next request waits for. Replies that are not sent yet are another matter: see `Outbox`. */
export const Awaited = {
  NOTHING: 0,
  /** The connection's next turn: others go first. */
  TURN: 1,
  /** Room in the journal. */
  ROOM: 2,
} as const
export type Awaited = (typeof Awaited)[keyof typeof Awaited]
