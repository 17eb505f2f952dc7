import * as zlib from 'node:zlib'

/** A way to compress. Both functions are synchronous: a value at the usual limit of 1 MiB takes about 5 ms (README). */
export interface Compressor {
  readonly name: string
  compress(bytes: Uint8Array): Uint8Array
  /** Throws if the bytes are broken, or become longer than `lengthMax`. */
  decompress(bytes: Uint8Array, lengthMax: number): Uint8Array
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
}

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
        decompress: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
      }
