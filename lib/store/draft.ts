/**
 * What a new item is to hold. One record of the store serves all of them: it is filled before room is made for the item, and
 * read again when the item is written.
 */
export class ItemDraft {
  keyStart = 0
  keyLength = 0
  valueLength = 0
  clientFlags = 0
  /** In absolute seconds, 0 for never. */
  expiry = 0
  /** Bits of `Flag` that do not follow from what the item holds. */
  moreFlags = 0
}
