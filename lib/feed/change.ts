import type { ChangeName } from '../request/change-names.js'
/** What has happened, as subscribers see it. */
export interface Change {
  readonly kind: ChangeName
  /** Where to resume after this; undefined while the items are listed: before their end nothing can be resumed. */
  readonly position: string | undefined
  /** The key, if it is valid UTF-8; undefined for changes that are not about one key. */
  readonly key: string | undefined
  /** The same as bytes. */
  readonly keyBytes: Buffer | undefined
  readonly cas: bigint | undefined
  /** Of the flush of a prefix: what the keys of its items begin with, if it is valid UTF-8. */
  readonly prefix: string | undefined
  /** The same as bytes. */
  readonly prefixBytes: Buffer | undefined
  /** The length of the value. */
  readonly size: number | undefined
  /** Seconds that the item has left, as of now; -1: it never expires. */
  readonly ttl: number | undefined
  /** Only if asked for, and if the item has not been replaced meanwhile: then a later change follows. */
  readonly value: Buffer | undefined
  /** The client flags of the value; only with a value. */
  readonly flags: number | undefined
  /** Of a gap: changes after this position, and up to `position`, are missing. */
  readonly after: string | undefined
}

/** What a change has only with `values`. */
export type ChangeValue = Pick<Change, 'value' | 'flags'>

/** The kinds of changes that a subscriber can choose from, in the order of `ChangeKind`. */
export const CHOSEN_NAMES = ['set', 'delete', 'touch', 'expire', 'evict', 'flush', 'flush_prefix'] as const
export type ChosenName = (typeof CHOSEN_NAMES)[number]

/** A change with only these fields. */
export function changeOf(kind: ChangeName, fields: Partial<Change> = {}): Change {
  return { ...EMPTY, ...fields, kind }
}

const EMPTY: Omit<Change, 'kind'> = {
  position: undefined,
  key: undefined,
  keyBytes: undefined,
  prefix: undefined,
  prefixBytes: undefined,
  cas: undefined,
  size: undefined,
  ttl: undefined,
  value: undefined,
  flags: undefined,
  after: undefined,
}
