import type { ByteEffect } from '../faults/effect.js'

/**
 * A stretch of what a connection sends, counted in bytes from its beginning, that something happens to. A quiet request has
 * an empty one.
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
