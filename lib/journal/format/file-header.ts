import { crc32 } from './crc32.js'
import {
  FILE_CHECKSUM,
  FILE_FORMAT,
  FILE_GENERATION,
  FILE_HEADER_LENGTH,
  FILE_KIND,
  FILE_MAGIC,
  FILE_SEED,
  FILE_WORKER,
  FileKind,
  FORMAT,
} from './format.js'

/** What a file is, from its first bytes. */
export interface FileHeader {
  readonly kind: FileKind
  /** Rises with every snapshot. The journals of a generation hold the changes since its snapshot was begun. */
  readonly generation: number
  /** The worker of a journal; 0 for a snapshot. */
  readonly worker: number
  readonly seed: number
}

export function encodeFileHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_LENGTH)
  FILE_MAGIC.copy(bytes)
  bytes.writeUInt32LE(FORMAT, FILE_FORMAT)
  bytes.writeUInt32LE(header.kind, FILE_KIND)
  bytes.writeUInt32LE(header.generation, FILE_GENERATION)
  bytes.writeUInt32LE(header.worker, FILE_WORKER)
  bytes.writeUInt32LE(header.seed, FILE_SEED)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, FILE_CHECKSUM)), FILE_CHECKSUM)
  return bytes
}

/** The header, or why there is none: the rest of a sentence that begins with the file. */
export function decodeFileHeader(bytes: Buffer): FileHeader | string {
  if (!bytes.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC)) return 'is not a file of keepcached'
  const format = bytes.readUInt32LE(FILE_FORMAT)
  const isWhole = crc32(bytes.subarray(0, FILE_CHECKSUM)) === bytes.readUInt32LE(FILE_CHECKSUM)
  if (!isWhole) return 'has a damaged header'
  if (format < 1 || format > FORMAT)
    return `has format ${format}, and this keepcached knows formats up to ${FORMAT}`
  return {
    kind: bytes.readUInt32LE(FILE_KIND) as FileKind,
    generation: bytes.readUInt32LE(FILE_GENERATION),
    worker: bytes.readUInt32LE(FILE_WORKER),
    seed: bytes.readUInt32LE(FILE_SEED),
  }
}

/** A seed for a new file. */
export const newSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!

// ─── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NamedFile {
  readonly name: string
  readonly kind: FileKind
  readonly generation: number
  readonly worker: number
}

export const journalName = (generation: number, worker: number): string =>
  `journal-${padded(generation)}-${String(worker).padStart(4, '0')}`

export const snapshotName = (generation: number): string => `snapshot-${padded(generation)}`

/** A file that is not complete yet: it is ignored, and may be removed. */
export const NEW_SUFFIX = '.new'
/** A damaged file that `keepcached journal repair` has kept. */
export const DAMAGED_SUFFIX = '.damaged'
/** Reserved space. */
export const SPARE_NAME = 'spare'

/** The file that a name stands for; undefined if the name is foreign. */
export function parseName(name: string): NamedFile | undefined {
  const [, generation, worker] = JOURNAL.exec(name) ?? []
  if (generation !== undefined)
    return { name, kind: FileKind.JOURNAL, generation: Number(generation), worker: Number(worker) }
  const [, ofSnapshot] = SNAPSHOT.exec(name) ?? []
  return ofSnapshot === undefined
    ? undefined
    : { name, kind: FileKind.SNAPSHOT, generation: Number(ofSnapshot), worker: 0 }
}

const padded = (generation: number): string => String(generation).padStart(10, '0')

const JOURNAL = /^journal-(\d{10})-(\d{4})$/
const SNAPSHOT = /^snapshot-(\d{10})$/
