/**
 * The constants of the format; README.md has the pictures. All of them are little-endian 32-bit words, and everything
 * begins at a multiple of four bytes, so that records can be written as words.
 */

/** Incremented with every change that an older keepcached could not read. All versions from 1 on are read. */
export const FORMAT = 3

// ─── the beginning of a file ─────────────────────────────────────────────────────────────────────────────────────────

export const FILE_MAGIC: Buffer = Buffer.from('KEEPCACH', 'latin1')
export const FileKind = { JOURNAL: 1, SNAPSHOT: 2 } as const
export type FileKind = (typeof FileKind)[keyof typeof FileKind]

export const FILE_FORMAT = 8
export const FILE_KIND = 12
export const FILE_GENERATION = 16
export const FILE_WORKER = 20
/** A random number in every checksum of the file: old bytes on the disk are never taken for a part of the file. */
export const FILE_SEED = 24
export const FILE_CHECKSUM = 28
export const FILE_HEADER_LENGTH = 32

// ─── frames: written, checked and lost as a whole ────────────────────────────────────────────────────────────────────

/**
 * The first word of a frame. It contains the file's seed, which clients do not know: so no client can store values that look
 * like frames, and slow down the search for the next frame after a torn one.
 */
export const frameMagic = (seed: number): number => (0x4d41_5246 ^ seed) >>> 0
export const FRAME_CHECKSUM = 4
/** Bytes behind the header, a multiple of 4; the two lowest bits are flags. */
export const FRAME_LENGTH = 8
/** How much of the file was known to be on disk when the frame was written, in words; at most what 32 bits can say, 16 GiB. */
export const FRAME_DURABLE = 12
export const durableWords = (length: number): number => Math.min(length / 4, 0xffff_ffff)
export const FRAME_HEADER_LENGTH = 16
/** The checksum covers everything behind it. */
export const FRAME_CHECKED = FRAME_LENGTH

export const FrameFlag = {
  /** The value of the last record continues in the next frame. */
  CONTINUES: 1,
  /** Only a part of such a value. */
  PART: 2,
} as const
export const FRAME_FLAGS = 3

/** No frame is longer: a greater length is damage. */
export const FRAME_LENGTH_MAX = 16 * 1024 * 1024
/** The length of a frame for a part of a value that is written from its pieces. */
export const PART_LENGTH_MAX = 1024 * 1024

// ─── records ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const RecordKind = {
  /** An item, new or changed. */
  STORED: 1,
  REMOVED: 2,
  /** An item has another expiry. */
  TOUCHED: 3,
  /** Every item up to this version is dead. */
  FLUSHED: 4,
  /** Every item will be dead at a time. */
  FLUSH_DUE: 5,
  /** The current time. */
  TIME: 6,
  /** Versions up to this one may have been used. */
  RESERVED: 7,
  /**
   * The writer ended cleanly: no later version was used. In a snapshot, with the number of a worker plus
   * one as its time: the snapshot has the changes of that worker up to this version.
   */
  CLOSED: 8,
  /** The end of a snapshot: its value is a summary (summary.ts). */
  END: 9,
  /** An older journal is complete and on disk (finished.ts). Since format 2. */
  FINISHED: 10,
  /** Every item up to this version whose key begins with the record's key is dead. In a snapshot before all items. Since format 3. */
  PREFIX_FLUSHED: 11,
} as const
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind]

/** The optional words of a record, in this order, and two marks. Fields that items have too use the same bits. */
export const Field = {
  /** Seconds since 1970: the expiry of an item, 0: never, or the time of an event. */
  TIME: 1,
  CLIENT_FLAGS: 2,
  VALUE_LENGTH: 4,
  /** Seconds since 1970: when the item was last read. */
  ACCESS: 8,
  /** No word: a client has marked the item as stale. */
  STALE: 32,
  /** No word: a client was asked to renew the item. */
  TOKEN_SENT: 64,
  /** A cas that is not the version: high, low. */
  OWN_CAS: 128,
} as const
export const FIELDS =
  Field.TIME |
  Field.CLIENT_FLAGS |
  Field.VALUE_LENGTH |
  Field.ACCESS |
  Field.STALE |
  Field.TOKEN_SENT |
  Field.OWN_CAS

export const KIND_BITS = 8
export const KEY_LENGTH_SHIFT = 16
export const FREQUENCY_SHIFT = 24
/** Kind and lengths, then the version in two words. */
export const RECORD_FIXED_LENGTH = 12
export const RECORD_HEADER_LENGTH_MAX = RECORD_FIXED_LENGTH + 6 * 4

export const roundUp = (length: number): number => (length + 3) & ~3
