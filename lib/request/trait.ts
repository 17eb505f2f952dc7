/** What a request asks for beyond its command, as bits of `Request.traits`. A request without any has 0. */
export const Trait = {
  /** It names the cas that the item must have, even if that is 0. */
  NAMES_CAS: 1 << 0,
  /** The change brings a cas of its own, `ownCasHigh` and `ownCasLow`. */
  OWN_CAS: 1 << 1,
  /** What arrived behind the value is not what has to stand there. */
  DAMAGED: 1 << 2,
  /** The item gets `expiry`. */
  TOUCH: 1 << 3,
  /** An item that is not there is made, with `vivifyExpiry`. */
  VIVIFY: 1 << 4,
  /** Whoever asks first for an item that ends before `recacheExpiry` is to renew it. */
  RECACHE: 1 << 5,
  /** The expiry is judged after it has been changed. */
  TOUCH_FIRST: 1 << 6,
  /** An item that is made gets `expiry`, and not `vivifyExpiry`. */
  TOUCH_LAST: 1 << 14,
  /** A delete marks the item as stale; a store may bring a stale value. */
  INVALIDATE: 1 << 7,
  /** A delete leaves an empty item. */
  EMPTY: 1 << 8,
  /** A read leaves no trace in the item. */
  UNSEEN: 1 << 9,
  /** The reply brings the value. */
  VALUE: 1 << 10,
  /** The key came in base64, and goes back so. */
  BASE64_KEY: 1 << 11,
  /** Flags of the meta protocol stand at `flagsStart`. */
  META: 1 << 12,
  /** A set that cannot be carried out leaves what was there. */
  KEEP: 1 << 13,
} as const
