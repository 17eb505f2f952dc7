import type { Status } from '../../request/status.js'

/** What happens to a request, in numbers. */
export type Effect =
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'foreign'; readonly code: number; readonly text: string }
  | { readonly kind: 'reply'; readonly bytes: Buffer }
  | { readonly kind: 'evict' | 'refuse' | 'reset' }
  | { readonly kind: 'restart'; readonly keepsItems: boolean }
  | ByteEffect

/** What happens to the bytes of a reply on their way out. */
export type ByteEffect =
  | { readonly kind: 'timeout' }
  /** They were encoded with another opaque. */
  | { readonly kind: 'opaque' }
  /** After so many bytes of the reply; Infinity: after all of them. */
  | { readonly kind: 'close'; readonly afterBytes: number }
  /** As many as the reply has, if there is no length. */
  | { readonly kind: 'garbage'; readonly length: number | undefined }
  | { readonly kind: 'slow'; readonly byteMs: number }
  | { readonly kind: 'delay'; readonly ms: number }

export type EffectKinds = ReadonlySet<Effect['kind']>

/** They change nothing if there is no reply. */
export const OF_SENT_BYTES: EffectKinds = new Set(['opaque', 'garbage', 'slow', 'delay'])
export const OF_BYTES: EffectKinds = new Set([...OF_SENT_BYTES, 'timeout', 'close'])
/** All that change a reply, or take its place. */
export const OF_REPLIES: EffectKinds = new Set([...OF_BYTES, 'status', 'foreign', 'reply'])
