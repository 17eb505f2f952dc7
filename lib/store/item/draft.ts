/**
 * The fields of a new item. A store has one record for all of them: it is filled before room is made for the item, and
 * read again when the item is written.
 */
export class ItemDraft {
  keyStart = 0
  keyLength = 0
  valueLength = 0
  clientFlags = 0
  /** In absolute seconds; 0: never expires. */
  expiry = 0
  /** Bits of `Flag` that do not follow from the other fields. */
  moreFlags = 0
}
