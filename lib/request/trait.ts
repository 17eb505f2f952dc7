/** What a request asks for beyond its command, as bits of `Request.traits`. A request without any has 0. */
export const Trait = {
  /** It has the cas that the item must have, even if that is 0. */
  NAMES_CAS: 1 << 0,
  /** The change sets the cas to `ownCasHigh` and `ownCasLow`. */
  OWN_CAS: 1 << 1,
  /** The bytes after the value are wrong. */
  DAMAGED: 1 << 2,
  /** The item gets `expiry`. */
  TOUCH: 1 << 3,
  /** A missing item is created, with `vivifyExpiry`. */
  VIVIFY: 1 << 4,
  /** The first client that asks for an item that expires before `recacheExpiry` renews it. */
  RECACHE: 1 << 5,
  /** The expiry is judged after it has been changed. */
  TOUCH_FIRST: 1 << 6,
  /** A created item gets `expiry`, not `vivifyExpiry`. */
  TOUCH_LAST: 1 << 14,
  /** A delete marks the item as stale; a set may store a stale value. */
  INVALIDATE: 1 << 7,
  /** A delete leaves an empty item. */
  EMPTY: 1 << 8,
  /** A read changes nothing in the item. */
  UNSEEN: 1 << 9,
  /** The reply includes the value. */
  VALUE: 1 << 10,
  /** The key was sent in base64, and is returned so. */
  BASE64_KEY: 1 << 11,
  /** Flags of the meta protocol are at `flagsStart`. */
  META: 1 << 12,
  /** A set that fails keeps the old item. */
  KEEP: 1 << 13,
} as const
