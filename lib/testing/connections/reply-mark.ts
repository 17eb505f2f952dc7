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
}

/** Other bytes are sent instead. */
export interface Replacement {
  readonly kind: 'replace'
  readonly bytes: Buffer
}
