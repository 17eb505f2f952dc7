import { ClientError } from '../client-error.js'
import { builtInCompressor, type CompressionAlgorithm, type Compressor } from './compressors.js'
import { isBytes } from './plain-bytes.js'
import type { EncodedValue, ValueFormat } from './value-format.js'

/** Which client flags say that a value is compressed, and how. */
export interface CompressionMarks {
  /** The bits that no value has that is not compressed. */
  readonly mask: number
  readonly algorithms: Readonly<Partial<Record<CompressionAlgorithm, number>>>
  /** An algorithm of the caller's. */
  readonly custom: number
  /** Whether other clients mean something else by these bits: the text of pymemcache has the one of zlib. */
  readonly areShared: boolean
}

export interface CompressingFormatParts {
  readonly format: ValueFormat
  readonly marks: CompressionMarks
  /** Undefined: values are not compressed, but read if they are. */
  readonly compressor: Compressor | undefined
  readonly isCustom: boolean
  readonly minLength: number
  readonly decompressedLengthMax: number
}

/** Compresses what another format has encoded, if that makes it shorter. */
export class CompressingFormat implements ValueFormat {
  private readonly format: ValueFormat
  private readonly mask: number
  private readonly areShared: boolean
  private readonly minLength: number
  private readonly decompressedLengthMax: number
  private readonly compressor: Compressor | undefined
  private readonly mark: number
  /** The names of the algorithms by their marks, and how each is read here. */
  private readonly readers = new Map<number, { name: string; compressor: Compressor | undefined }>()

  constructor({ format, marks, compressor, isCustom, ...limits }: CompressingFormatParts) {
    this.format = format
    this.mask = marks.mask
    this.areShared = marks.areShared
    this.minLength = limits.minLength
    this.decompressedLengthMax = limits.decompressedLengthMax
    this.compressor = compressor
    this.readers.set(marks.custom, {
      name: 'an algorithm of the client that wrote it',
      compressor: undefined,
    })
    for (const [name, mark] of Object.entries(marks.algorithms))
      this.readers.set(mark, { name, compressor: builtInCompressor(name as CompressionAlgorithm) })
    this.mark = 0
    if (compressor === undefined) return
    this.mark = isCustom ? marks.custom : marks.algorithms[compressor.name as CompressionAlgorithm]!
    this.readers.set(this.mark, { name: compressor.name, compressor })
  }

  encode(value: unknown, target: EncodedValue): void {
    this.format.encode(value, target)
    if (this.compressor === undefined || target.bytes.length < this.minLength) return
    const compressed = this.compress(this.compressor, target.bytes)
    if (compressed.length >= target.bytes.length) return
    target.bytes = compressed
    target.clientFlags |= this.mark
  }

  decode(bytes: Buffer, start: number, end: number, clientFlags: number): unknown {
    const mark = clientFlags & this.mask
    if (mark === 0) return this.format.decode(bytes, start, end, clientFlags)
    const reader = this.readers.get(mark)
    // Flags of another client.
    if (reader === undefined) return this.format.decode(bytes, start, end, clientFlags)
    if (reader.compressor === undefined)
      throw new ClientError(
        'BAD_VALUE',
        `the stored value is compressed by ${reader.name}, which is not here`,
      )
    const stored = bytes.subarray(start, end)
    if (this.areShared && reader.compressor.isBegunBy?.(stored) === false)
      return this.format.decode(bytes, start, end, clientFlags)
    const plain = this.decompress(reader.compressor, stored)
    return this.format.decode(plain, 0, plain.length, clientFlags & ~mark)
  }

  private compress(compressor: Compressor, bytes: Uint8Array): Uint8Array {
    try {
      return checkedBytes(compressor.compress(bytes))
    } catch (cause) {
      throw new ClientError('BAD_VALUE', `${compressor.name} cannot compress the value`, { cause })
    }
  }

  private decompress(compressor: Compressor, bytes: Buffer): Buffer {
    const { decompressedLengthMax } = this
    let plain: Uint8Array
    try {
      plain = checkedBytes(compressor.decompress(bytes, decompressedLengthMax))
    } catch (cause) {
      if ((cause as { code?: unknown } | undefined)?.code === 'ERR_BUFFER_TOO_LARGE')
        throw tooLarge(decompressedLengthMax, { cause })
      throw new ClientError('BAD_VALUE', `the stored value cannot be decompressed by ${compressor.name}`, {
        cause,
      })
    }
    if (plain.length > decompressedLengthMax) throw tooLarge(decompressedLengthMax)
    return Buffer.from(plain.buffer, plain.byteOffset, plain.length)
  }
}

/** What a function of the caller's returned, before its length is believed. */
function checkedBytes(bytes: unknown): Uint8Array {
  if (!isBytes(bytes)) throw new TypeError('the compressor did not return bytes')
  return bytes
}

function tooLarge(lengthMax: number, options?: ErrorOptions): ClientError {
  return new ClientError(
    'TOO_LARGE',
    `the stored value has more than ${lengthMax} bytes when it is decompressed (decompressedLengthMax)`,
    options,
  )
}
