import type { Arena } from '../../arena/arena.js'
import {
  casHigh,
  casLow,
  clientFlagsOf,
  expiryOf,
  Flag,
  flagsOf,
  keyLengthOf,
  valueLengthOf,
  versionHigh,
  versionLow,
} from '../../store/item/item.js'
import type { Store } from '../../store/store.js'
import {
  FIELDS,
  Field,
  FREQUENCY_SHIFT,
  KEY_LENGTH_SHIFT,
  KIND_BITS,
  RECORD_FIXED_LENGTH,
  RecordKind,
  roundUp,
} from './format.js'

/**
 * Records, written into the arena and read from bytes that came from a disk.
 *
 *            31         24 23         16 15          8 7           0
 *          ┌──────────────┬─────────────┬─────────────┬─────────────┐
 *   word 0 │ frequency    │ key length  │ fields      │ kind        │
 *          ├──────────────┴─────────────┴─────────────┴─────────────┤
 *        1 │ version, low 32 bits                                   │
 *        2 │ version, high bits                                     │
 *          ├────────────────────────────────────────────────────────┤
 *          │ time                                      TIME         │
 *          │ client flags                              CLIENT_FLAGS │
 *          │ value length                              VALUE_LENGTH │
 *          │ last access                               ACCESS       │
 *          │ a cas that is not the version: high, low  OWN_CAS      │
 *          ├────────────────────────────────────────────────────────┤
 *          │ key, value, padding with zeros                         │
 *          └────────────────────────────────────────────────────────┘
 *
 * The words with a field's name beside them are there only if its bit is set. STALE and TOKEN_SENT have no word.
 */

// ─── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a snapshot knows in addition to the item itself. */
export interface Usage {
  readonly frequency: number
  /** Absolute seconds. */
  readonly accessTime: number
}

/** The part of a store that is needed to read an item. */
export type RecordedStore = Pick<Store, 'words' | 'keyAddress'>

/** The length of an item's record in a snapshot, with the value. */
export function itemRecordLength(words: Int32Array, item: number): number {
  const fields = (flagsOf(words, item) & ITEM_FIELDS) | Field.VALUE_LENGTH | Field.ACCESS
  const length = keyLengthOf(words, item) + valueLengthOf(words, item)
  return RECORD_FIXED_LENGTH + FIELD_LENGTHS[fields]! + roundUp(length)
}

/** Writes an item's record, with its value unless that is linked. Returns where the record ends. */
export function writeItemRecord(
  arena: Arena,
  start: number,
  store: RecordedStore,
  item: number,
  isLinked: boolean,
  usage?: Usage,
): number {
  const { words } = arena
  const source = store.words
  const flags = flagsOf(source, item)
  const keyLength = keyLengthOf(source, item)
  const valueLength = valueLengthOf(source, item)
  const hasUsage = usage === undefined ? 0 : Field.ACCESS
  const fields = (flags & ITEM_FIELDS) | Field.VALUE_LENGTH | hasUsage
  let word = start >>> 2
  words[word++] =
    RecordKind.STORED |
    (fields << KIND_BITS) |
    (keyLength << KEY_LENGTH_SHIFT) |
    ((usage?.frequency ?? 0) << FREQUENCY_SHIFT)
  words[word++] = versionLow(source, item)
  words[word++] = versionHigh(source, item)
  if (flags & Flag.EXPIRY) words[word++] = expiryOf(source, item)
  if (flags & Flag.CLIENT_FLAGS) words[word++] = clientFlagsOf(source, item)
  words[word++] = valueLength
  if (usage !== undefined) words[word++] = usage.accessTime
  if (flags & Flag.OWN_CAS) {
    words[word++] = casHigh(source, item)
    words[word++] = casLow(source, item)
  }
  // Key and value are contiguous in an item, unless it is long.
  return writeBytes(arena, word, store.keyAddress(item), isLinked ? keyLength : keyLength + valueLength)
}

/** Writes a record that names a key and no value. With `time` it has a time. */
export function writeKeyRecord(
  arena: Arena,
  start: number,
  kind: RecordKind,
  version: number,
  keyStart: number,
  keyLength: number,
  time?: number,
): number {
  const next = writeMark(arena, start, kind, version, time)
  arena.words[start >>> 2]! |= keyLength << KEY_LENGTH_SHIFT
  return writeBytes(arena, next >>> 2, keyStart, keyLength)
}

/** Writes a record without key and value. */
export function writeMark(
  arena: Arena,
  start: number,
  kind: RecordKind,
  version: number,
  time?: number,
): number {
  const { words } = arena
  let word = start >>> 2
  words[word++] = kind | ((time === undefined ? 0 : Field.TIME) << KIND_BITS)
  words[word++] = version | 0
  words[word++] = Math.floor(version / VERSION_WORD)
  if (time !== undefined) words[word++] = time
  return word * 4
}

function writeBytes(arena: Arena, word: number, source: number, length: number): number {
  const end = word * 4 + roundUp(length)
  if (length > 0) arena.words[(end >>> 2) - 1] = 0
  arena.move(word * 4, source, length)
  return end
}

// ─── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One record, as offsets into the bytes it was read from and plain numbers. Reused. */
export class JournalRecord {
  kind: RecordKind = RecordKind.TIME
  fields = 0
  frequency = 0
  version = 0
  time = 0
  clientFlags = 0
  accessTime = 0
  ownCasHigh = 0
  ownCasLow = 0
  keyStart = 0
  keyLength = 0
  valueStart = 0
  valueLength = 0

  /** The item's flags that do not follow from its other fields. */
  get itemFlags(): number {
    return this.fields & (Field.STALE | Field.TOKEN_SENT | Field.OWN_CAS)
  }
}

/**
 * Reads the record that begins at `start`. Returns where it ends, or MALFORMED. A value that `goesOn` in further frames
 * may be missing.
 */
export function readRecord(
  bytes: Buffer,
  start: number,
  end: number,
  goesOn: boolean,
  record: JournalRecord,
): number {
  if (start + RECORD_FIXED_LENGTH > end) return MALFORMED
  const head = bytes.readUInt32LE(start)
  const fields = (head >>> KIND_BITS) & 0xff
  let next = start + RECORD_FIXED_LENGTH
  record.kind = (head & 0xff) as RecordKind
  record.fields = fields
  record.keyLength = (head >>> KEY_LENGTH_SHIFT) & 0xff
  record.frequency = head >>> FREQUENCY_SHIFT
  record.version = bytes.readUInt32LE(start + 8) * VERSION_WORD + bytes.readUInt32LE(start + 4)
  if ((fields & ~FIELDS) !== 0 || next + FIELD_LENGTHS[fields]! > end) return MALFORMED
  record.time = fields & Field.TIME ? bytes.readUInt32LE(next) : 0
  if (fields & Field.TIME) next += 4
  record.clientFlags = fields & Field.CLIENT_FLAGS ? bytes.readInt32LE(next) : 0
  if (fields & Field.CLIENT_FLAGS) next += 4
  record.valueLength = fields & Field.VALUE_LENGTH ? bytes.readUInt32LE(next) : 0
  if (fields & Field.VALUE_LENGTH) next += 4
  record.accessTime = fields & Field.ACCESS ? bytes.readUInt32LE(next) : 0
  if (fields & Field.ACCESS) next += 4
  record.ownCasHigh = fields & Field.OWN_CAS ? bytes.readInt32LE(next) : 0
  record.ownCasLow = fields & Field.OWN_CAS ? bytes.readInt32LE(next + 4) : 0
  if (fields & Field.OWN_CAS) next += 8
  record.keyStart = next
  record.valueStart = next + record.keyLength
  const length = record.keyLength + (goesOn ? 0 : record.valueLength)
  next += length + 3 - ((length + 3) % 4)
  return next > end || !isKnown(record.kind) ? MALFORMED : next
}

export const MALFORMED = -1

const isKnown = (kind: number): boolean => kind >= RecordKind.STORED && kind <= RecordKind.PREFIX_FLUSHED

/** The fields of an item have the bits of its flags. */
const ITEM_FIELDS = Flag.EXPIRY | Flag.CLIENT_FLAGS | Flag.STALE | Flag.TOKEN_SENT | Flag.OWN_CAS

/** Bytes of the words between the fixed ones and the key, by fields. */
const FIELD_LENGTHS = Array.from(
  { length: FIELDS + 1 },
  (_, fields) =>
    (fields & Field.TIME ? 4 : 0) +
    (fields & Field.CLIENT_FLAGS ? 4 : 0) +
    (fields & Field.VALUE_LENGTH ? 4 : 0) +
    (fields & Field.ACCESS ? 4 : 0) +
    (fields & Field.OWN_CAS ? 8 : 0),
)

const VERSION_WORD = 0x1_0000_0000

// ─── records without an item ─────────────────────────────────────────────────────────────────────────────────────────

export interface PlainRecord {
  readonly kind: RecordKind
  readonly version: number
  readonly time?: number
  readonly clientFlags?: number
  readonly accessTime?: number
  readonly frequency?: number
  readonly key?: Buffer
  readonly value?: Buffer
  /** Of a value that follows in parts. */
  readonly valueLength?: number
}

/** The bytes of one record, off the path of requests. */
export function encodeRecord(record: PlainRecord): Buffer {
  const { kind, version, time, clientFlags, accessTime, frequency = 0, key, value } = record
  const valueLength = record.valueLength ?? value?.length
  const words = [time, clientFlags, valueLength, accessTime]
  const fields = words.reduce<number>((bits, word, index) => bits | (word === undefined ? 0 : 1 << index), 0)
  const keyLength = key?.length ?? 0
  const head = Buffer.alloc(RECORD_FIXED_LENGTH)
  const mark = kind | (fields << KIND_BITS) | (keyLength << KEY_LENGTH_SHIFT) | (frequency << FREQUENCY_SHIFT)
  head.writeUInt32LE(mark >>> 0, 0)
  head.writeUInt32LE(version % VERSION_WORD, 4)
  head.writeUInt32LE(Math.floor(version / VERSION_WORD), 8)
  const numbers = Buffer.from(Uint32Array.from(words.filter((word) => word !== undefined)).buffer)
  const bytes = Buffer.concat([head, numbers, key ?? NOTHING, value ?? NOTHING])
  return Buffer.concat([bytes], roundUp(bytes.length))
}

const NOTHING = Buffer.alloc(0)
