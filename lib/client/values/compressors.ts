import * as zlib from 'node:zlib'

/** A way to compress. Both functions are synchronous: a value at the usual limit of 1 MiB takes about 5 ms (README). */
export interface Compressor {
  readonly name: string
  compress(bytes: Uint8Array): Uint8Array
  /** Throws if the bytes are broken, or become longer than `lengthMax`. */
  decompress(bytes: Uint8Array, lengthMax: number): Uint8Array
  /** Whether the bytes begin as those that it has compressed. brotli has no such mark. */
  isBegunBy?(bytes: Uint8Array): boolean
}

export type CompressionAlgorithm = 'zlib' | 'brotli' | 'zstd'

export const COMPRESSION_ALGORITHMS: readonly CompressionAlgorithm[] = ['zlib', 'brotli', 'zstd']

/** Undefined if this version of Node.js lacks it: zstd is in 22.15, in 23.8, and later. */
export function builtInCompressor(algorithm: CompressionAlgorithm): Compressor | undefined {
  if (algorithm === 'zlib') return ZLIB
  return algorithm === 'brotli' ? BROTLI : ZSTD
}

/** The fastest levels: higher ones take three to six times as long and save a fifth more (README). */
const ZLIB: Compressor = {
  name: 'zlib',
  compress: (bytes) => zlib.deflateSync(bytes, { level: zlib.constants.Z_BEST_SPEED }),
  // It recognizes gzip too, which dalli can be told to write.
  decompress: (bytes, maxOutputLength) => zlib.unzipSync(bytes, { maxOutputLength }),
  isBegunBy: ([first = 0, second = 0]) => {
    const word = (first << 8) | second
    return word === GZIP_MAGIC || ((first & 0xf) === DEFLATE && word % HEADER_DIVISOR === 0)
  },
}

/** RFC 1950: the low four bits are the method; the header, read as a number, is a multiple of 31. RFC 1952: gzip's first bytes. */
const DEFLATE = 8
const HEADER_DIVISOR = 31
const GZIP_MAGIC = 0x1f8b

const BROTLI: Compressor = {
  name: 'brotli',
  compress: (bytes) =>
    zlib.brotliCompressSync(bytes, {
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: 1,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  decompress: (bytes, maxOutputLength) => zlib.brotliDecompressSync(bytes, { maxOutputLength }),
}

/** The types of Node.js 20 do not have it. */
interface ZlibWithZstd {
  zstdCompressSync?(bytes: Uint8Array): Buffer
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer
}

const { zstdCompressSync, zstdDecompressSync } = zlib as ZlibWithZstd

const ZSTD: Compressor | undefined =
  zstdCompressSync === undefined || zstdDecompressSync === undefined
    ? undefined
    : {
        name: 'zstd',
        compress: (bytes) => zstdCompressSync(bytes),
        decompress: (bytes, maxOutputLength) => {
          // Node.js 22 returns what there is of a frame that was cut.
          if (!isWholeFrame(bytes)) throw new Error('the frame is incomplete')
          return zstdDecompressSync(bytes, { maxOutputLength })
        },
        isBegunBy: (bytes) => ZSTD_MAGIC.every((byte, index) => bytes[index] === byte),
      }

/** RFC 8878. */
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
const DESCRIPTOR = 4
/** Bits of the descriptor. A checksum takes as many bytes as its bit says. */
const HAS_CHECKSUM = 4
const IS_SINGLE_SEGMENT = 0x20
const DICTIONARY_LENGTHS = [0, 1, 2, 4]
const SIZE_LENGTHS = [0, 2, 4, 8]
const BLOCK_HEADER_LENGTH = 3
/** A block of one byte that is repeated. */
const REPEATED = 1

/**
 *  magic │ descriptor │ window, unless single segment │ dictionary │ size │ blocks … │ checksum
 *  a block: 3 bytes, the lowest first: is it the last (1 bit), type (2 bits), length (21 bits); then its bytes
 */
function isWholeFrame(bytes: Uint8Array): boolean {
  const descriptor = bytes[DESCRIPTOR] ?? 0
  const isSingle = (descriptor & IS_SINGLE_SEGMENT) !== 0
  const sizeLength = SIZE_LENGTHS[descriptor >> 6]! || Number(isSingle)
  let at = DESCRIPTOR + 1 + Number(!isSingle) + DICTIONARY_LENGTHS[descriptor & 3]! + sizeLength
  for (let isLast = false; !isLast; ) {
    const [low, middle, high] = bytes.subarray(at, at + BLOCK_HEADER_LENGTH)
    if (high === undefined) return false
    const block = low! | (middle! << 8) | (high << 16)
    isLast = (block & 1) === 1
    at += BLOCK_HEADER_LENGTH + (((block >> 1) & 3) === REPEATED ? 1 : block >> 3)
  }
  return at + (descriptor & HAS_CHECKSUM) <= bytes.length
}
