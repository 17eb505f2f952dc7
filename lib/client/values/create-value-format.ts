import { isObject } from '../check-options.js'
import { ClientError } from '../client-error.js'
import { checkNames } from '../option-names.js'
import { CompressingFormat, type CompressionMarks } from './compressing-format.js'
import {
  builtInCompressor,
  COMPRESSION_ALGORITHMS,
  type CompressionAlgorithm,
  type Compressor,
} from './compressors.js'
import { DALLI_FORMAT } from './dalli-format.js'
import { KEEPCACHED_FORMAT } from './keepcached-format.js'
import { MEMCACHED_FORMAT } from './memcached-format.js'
import { MEMJS_FORMAT } from './memjs-format.js'
import { BMEMCACHED_FORMAT, PYLIBMC_FORMAT, PYMEMCACHE_FORMAT } from './python-format.js'
import type { ValueFormat } from './value-format.js'

/** The client whose flags are read and written. */
export type FlagsFormat =
  | 'keepcached'
  | 'memjs'
  | 'memcached'
  | 'pymemcache'
  | 'pylibmc'
  | 'bmemcached'
  | 'dalli'

export interface CompressionOptions {
  /** Values from this length on are compressed, if that makes them shorter. Default 4096. */
  readonly minLength?: number
  /** Default 'zlib'. */
  readonly algorithm?: CompressionAlgorithm | Compressor
}

export interface ValueOptions {
  /** Default 'keepcached'. */
  readonly flags?: FlagsFormat | ValueFormat
  /** Default: values are not compressed, but read if they are. */
  readonly compression?: CompressionOptions
  /** A value that would become longer when it is decompressed is an error (TOO_LARGE). Default 64 MiB. */
  readonly decompressedLengthMax?: number
}

/** The format of a client's values. Throws a ClientError (BAD_OPTION). */
export function createValueFormat(options: ValueOptions = {}): ValueFormat {
  const { flags = 'keepcached', compression } = options
  const decompressedLengthMax = checkedLength(
    'decompressedLengthMax',
    options.decompressedLengthMax ?? DECOMPRESSED_LENGTH_MAX,
  )
  if (compression !== undefined) checkNames('compression', compression, ['minLength', 'algorithm'])
  if (typeof flags === 'object') {
    if (!isFormat(flags)) throw badOption('flags: an object with encode and decode')
    if (compression !== undefined) throw badOption('compression: a format of your own has its own')
    return flags
  }
  if (!Object.hasOwn(FORMATS, flags)) throw badOption(`flags: one of ${Object.keys(FORMATS).join(', ')}`)
  const { format, marks } = FORMATS[flags]
  if (marks === undefined) {
    if (compression !== undefined) throw badOption(`compression: ${flags} has none`)
    return format
  }
  const algorithm = compression?.algorithm ?? 'zlib'
  return new CompressingFormat({
    format,
    marks,
    compressor: compression === undefined ? undefined : compressorOf(algorithm, flags, marks),
    isCustom: typeof algorithm === 'object',
    minLength: checkedLength('compression.minLength', compression?.minLength ?? COMPRESSED_LENGTH_MIN),
    decompressedLengthMax,
  })
}

function compressorOf(
  algorithm: CompressionAlgorithm | Compressor,
  flags: FlagsFormat,
  marks: CompressionMarks,
): Compressor {
  if (isObject(algorithm)) {
    const { name, compress, decompress } = algorithm
    if (typeof name === 'string' && typeof compress === 'function' && typeof decompress === 'function')
      return algorithm
    throw badOption('compression.algorithm: an object with name, compress and decompress')
  }
  if (!COMPRESSION_ALGORITHMS.includes(algorithm))
    throw badOption(`compression.algorithm: one of ${COMPRESSION_ALGORITHMS.join(', ')}, or an object`)
  if (marks.algorithms[algorithm] === undefined)
    throw badOption(`compression.algorithm: ${flags} does not read ${algorithm}`)
  const compressor = builtInCompressor(algorithm)
  if (compressor === undefined) throw badOption(`compression.algorithm: this Node.js has no ${algorithm}`)
  return compressor
}

const isFormat = (given: ValueFormat | null): boolean =>
  typeof given?.encode === 'function' && typeof given.decode === 'function'

function checkedLength(name: string, length: number): number {
  if (Number.isSafeInteger(length) && length > 0) return length
  throw badOption(`${name}: a number of bytes from 1 on`)
}

const badOption = (message: string): ClientError => new ClientError('BAD_OPTION', message)

interface FormatRow {
  readonly format: ValueFormat
  /** Undefined: the client has no compression. */
  readonly marks?: CompressionMarks
}

/** All bits but those of the type, so that flags of another client are not taken for a compression. */
const KEEPCACHED_MARKS: CompressionMarks = {
  mask: ~0xf,
  algorithms: { zlib: 0x10, brotli: 0x20, zstd: 0x30 },
  custom: 0x40,
  areShared: true,
}

/** One bit says zlib, or what both clients were given in its place. */
const oneBit = (bit: number): CompressionMarks => ({
  mask: bit,
  algorithms: { zlib: bit },
  custom: bit,
  areShared: false,
})
const PYTHON_MARKS = oneBit(1 << 3)

const FORMATS: Readonly<Record<FlagsFormat, FormatRow>> = {
  keepcached: { format: KEEPCACHED_FORMAT, marks: KEEPCACHED_MARKS },
  memjs: { format: MEMJS_FORMAT },
  memcached: { format: MEMCACHED_FORMAT },
  pymemcache: { format: PYMEMCACHE_FORMAT, marks: PYTHON_MARKS },
  pylibmc: { format: PYLIBMC_FORMAT, marks: PYTHON_MARKS },
  bmemcached: { format: BMEMCACHED_FORMAT, marks: PYTHON_MARKS },
  dalli: { format: DALLI_FORMAT, marks: oneBit(1 << 1) },
}

const COMPRESSED_LENGTH_MIN = 4096
const DECOMPRESSED_LENGTH_MAX = 64 * 1024 * 1024
