/**
 * What stands at the end of a snapshot: what is true of the whole store, and how old its items are, so that a smaller store
 * knows which of them it can keep before it reads them.
 */
export interface Summary {
  /** Of the latest change that the snapshot may have seen. */
  readonly version: number
  /** Items up to this version are dead. */
  readonly flushBoundary: number
  /** When all items will be; 0 for never. */
  readonly flushDueTime: number
  /** The time up to which ages are counted, in absolute seconds: that at which the snapshot began. */
  readonly time: number
  readonly itemCount: number
  /** Of all the frames before it: their checksums, one after the other. */
  readonly checksum: number
  /** The least recent of the accesses. */
  readonly oldestAccess: number
  /** Bytes of memory by how long ago they were of use. */
  readonly lengthByAge: Float64Array
}

export function encodeSummary(summary: Summary): Buffer {
  const numbers = FIELDS.map((name) => summary[name])
  return Buffer.from(Float64Array.of(...numbers, ...summary.lengthByAge).buffer)
}

/** Undefined when the bytes are of another length. */
export function decodeSummary(bytes: Buffer): Summary | undefined {
  if (bytes.length !== SUMMARY_LENGTH) return undefined
  const numbers = new Float64Array(new Uint8Array(bytes).buffer)
  const fields = Object.fromEntries(FIELDS.map((name, index) => [name, numbers[index]!]))
  return {
    ...(fields as Record<(typeof FIELDS)[number], number>),
    lengthByAge: numbers.slice(FIELDS.length),
  }
}

const FIELDS = [
  'version',
  'flushBoundary',
  'flushDueTime',
  'time',
  'itemCount',
  'checksum',
  'oldestAccess',
] as const

// ─── age ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * How long ago an item was of use, as a group: four to each doubling of the seconds. Each read that was counted halves
 * them, so that what is read again and again counts as newer than what was written just now and never read.
 */
export function ageGroup(seconds: number, frequency: number): number {
  const age = Math.max(0, seconds) >>> frequency
  if (age < 4) return age
  const exponent = 31 - Math.clz32(age)
  return Math.min(AGE_GROUP_COUNT - 1, (exponent - 1) * 4 + ((age >>> (exponent - 2)) & 3))
}

export const AGE_GROUP_COUNT = 128

export const SUMMARY_LENGTH = (FIELDS.length + AGE_GROUP_COUNT) * 8

/** What an item takes beside its own bytes: its share of the index. */
export const INDEX_LENGTH_PER_ITEM = 10
