/**
 * The layout of a change in a ring. Lengths and positions of changes are multiples of 8.
 *
 *     words    0      1                   2 3      4 5       6 7          8 9     10     11       12
 *            ┌──────┬──────┬────────────┬────────┬─────────┬────────────┬───────┬──────┬────────┬─────┐
 *            │length│ kind │ key length │ number │ version │ cas        │ count │ size │ expiry │ key │
 *            └──────┴──────┴────────────┴────────┴─────────┴────────────┴───────┴──────┴────────┴─────┘
 *                    8 bits  8 bits       double   double    high, low    double
 *
 * The version is that of the change; of a flush of all items or of a prefix, the latest version that it makes dead. The count is how many records the
 * journal of the worker had after the change. The size is that of the value.
 */
export const ChangeWord = {
  LENGTH: 0,
  HEAD: 1,
  NUMBER: 2,
  VERSION: 4,
  CAS_HIGH: 6,
  CAS_LOW: 7,
  COUNT: 8,
  SIZE: 10,
  EXPIRY: 11,
  KEY: 12,
} as const

export const CHANGE_HEAD_LENGTH = ChangeWord.KEY * 4
export const KEY_LENGTH_SHIFT = 8
export const KIND_MASK = 0xff

/** The kinds of changes in a ring. */
export const ChangeKind = {
  /** No change: the unused rest at the end of the ring. */
  FILLER: 0,
  SET: 1,
  DELETE: 2,
  TOUCH: 3,
  EXPIRE: 4,
  EVICT: 5,
  FLUSH: 6,
  /** The key is the prefix. */
  FLUSH_PREFIX: 7,
} as const
export type ChangeKind = (typeof ChangeKind)[keyof typeof ChangeKind]
