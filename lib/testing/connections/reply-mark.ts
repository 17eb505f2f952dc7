import type { ByteEffect } from '../faults/effect.js'

/**
 * The bytes of a reply that a fault applies to, as positions in all that the connection sends. Empty for a quiet request.
 */
export interface ReplyMark {
  readonly start: number
  /** One past its last byte: known once the reply has been encoded. */
  end: number
  readonly effect: ByteEffect | Replacement
  /** When the request came. */
  readonly sinceMs: number
  hasBegun: boolean
  /** How many bytes of the reply have been planned, as the client would see them without the fault. */
  length: number
  /** An error at this place is sent instead of the rest: it belongs to one key of a line. */
  cut: { readonly start: number; readonly bytes: Buffer } | undefined
}

/** Other bytes are sent instead. */
export interface Replacement {
  readonly kind: 'replace'
  readonly bytes: Buffer
}
