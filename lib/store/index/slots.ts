/**
 * A bucket of the index is a cache line of slots:
 *
 *     bucket   ┌────────┬────────┬────────┬────────┬────────┬────────┬────────┬────────┐
 *              │ slot 0 │ slot 1 │   2    │   3    │   4    │   5    │   6    │   7    │   8 slots of 8 bytes
 *              └────────┴────────┴────────┴────────┴────────┴────────┴────────┴────┬───┘
 *                                                                                  ▼ when full: an overflow bucket of 4
 *     slot     31                                8 7    6 5         4 3    0
 *              ┌─────────────────────────────────────────────────────────┐
 *              │ item: the index of its first word                       │
 *              ├──────────────────────────────────┬──────┬───────────┬───┤
 *              │ hash, upper 24 bits              │ kind │ frequency │   │
 *              └──────────────────────────────────┴──────┴───────────┴───┘
 *
 * Kinds of slots: empty, an item, a link to the next bucket of the chain, or the ghost of an item that was
 * evicted when it was new: then the first word is the time of the eviction. Ghosts use slots that are not needed otherwise.
 */
export const SLOT_WORDS = 2
export const BUCKET_WORDS = 16
export const BUCKET_LENGTH = BUCKET_WORDS * 4
/** Half a bucket: most chains have only one or two items too many. */
export const OVERFLOW_WORDS = 8

/** The parts of a slot's second word. */
export const TAG = ~0xff
export const KIND = 0xc0
export const SlotKind = { EMPTY: 0, ITEM: 0x40, LINK: 0x80, GHOST: 0xc0 } as const
export const FREQUENCY = 0x30
export const FREQUENCY_STEP = 0x10
