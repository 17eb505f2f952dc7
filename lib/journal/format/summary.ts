/**
 * The end of a snapshot: facts about the whole store, and the ages of its items, so that a smaller store
 * knows before it reads the items which of them it can keep.
 */
export interface Summary {
  /** The version of the latest change that the snapshot may have seen. */
  readonly version: number
  /** Items up to this version are dead. */
  readonly flushBoundary: number
  /** When all items will be dead; 0: never. */
  readonly flushDueTime: number
  /** Ages are counted back from this time, in absolute seconds: the beginning of the snapshot. */
  readonly time: number
  readonly itemCount: number
  /** The checksum over the checksums of all frames before. */
  readonly checksum: number
  /** The oldest access. */
  readonly oldestAccess: number
  /** Bytes of memory by the time since the last use. */
  readonly lengthByAge: Float64Array
}

export function encodeSummary(summary: Summary): Buffer {
  const numbers = FIELDS.map((name) => summary[name])
  return Buffer.from(Float64Array.of(...numbers, ...summary.lengthByAge).buffer)
}

/** Undefined if the bytes have another length. */
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
 * The time since an item was last used, as a group: four groups to each doubling of the seconds. Each counted read halves
 * the time, so an item that is read often counts as newer than one that was just written and never read.
 */
export function ageGroup(seconds: number, frequency: number): number {
  const age = Math.max(0, seconds) >>> frequency
  if (age < 4) return age
  const exponent = 31 - Math.clz32(age)
  return Math.min(AGE_GROUP_COUNT - 1, (exponent - 1) * 4 + ((age >>> (exponent - 2)) & 3))
}

export const AGE_GROUP_COUNT = 128

export const SUMMARY_LENGTH = (FIELDS.length + AGE_GROUP_COUNT) * 8

/** Bytes of the index for an item. */
export const INDEX_LENGTH_PER_ITEM = 10
