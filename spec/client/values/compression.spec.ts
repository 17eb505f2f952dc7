import { randomBytes } from 'node:crypto'
import * as zlib from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import type { ClientError } from '../../../lib/client/client-error.js'
import type { Compressor } from '../../../lib/client/values/compressors.js'
import { createValueFormat, type ValueOptions } from '../../../lib/client/values/create-value-format.js'
import { EncodedValue, type ValueFormat } from '../../../lib/client/values/value-format.js'

const TEXT = 'all work and no play '.repeat(100)
const hasZstd = 'zstdCompressSync' in zlib

/** Expresses a run of one byte. */
const RUNS: Compressor = {
  name: 'runs',
  compress: (bytes) => Buffer.from([bytes[0]!, bytes.length >> 8, bytes.length & 0xff]),
  decompress: (bytes) => new Uint8Array((bytes[1]! << 8) | bytes[2]!).fill(bytes[0]!),
}

function encode(format: ValueFormat, value: unknown): EncodedValue {
  const encoded = new EncodedValue()
  format.encode(value, encoded)
  return encoded
}

function decode(
  format: ValueFormat,
  { bytes, clientFlags }: { bytes: Uint8Array; clientFlags: number },
): unknown {
  const received = Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')])
  return format.decode(received, 1, received.length - 1, clientFlags)
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return (error as ClientError).code
  }
  return 'no error'
}

/** From here on the beginning alone says which algorithm it is. */
const MAGIC_LENGTH = 4
const ALGORITHMS = hasZstd ? (['zlib', 'brotli', 'zstd'] as const) : (['zlib', 'brotli'] as const)

describe('compression of values', () => {
  for (const algorithm of ALGORITHMS) {
    const format = createValueFormat({ compression: { algorithm, minLength: 100 } })
    const reader = createValueFormat()

    it(`makes them shorter, and every client reads them (${algorithm})`, () => {
      const encoded = encode(format, TEXT)
      expect(encoded.bytes.length).to.be.lessThan(200)
      expect(encoded.clientFlags).to.equal({ zlib: 0x10, brotli: 0x20, zstd: 0x30 }[algorithm])
      expect(decode(reader, encoded)).to.equal(TEXT)
    })

    it(`brings back every type (${algorithm})`, () => {
      const value = fc.oneof(
        fc.string({ minLength: 90 }),
        fc.uint8Array({ minLength: 90 }).map((a) => Buffer.from(a)),
        fc.array(fc.nat(9), { minLength: 60 }),
      )
      fc.assert(
        fc.property(value, (given) => {
          expect(decode(reader, encode(format, given))).to.deep.equal(given)
        }),
      )
    })

    it(`of broken bytes is an error with a code (${algorithm})`, () => {
      const { bytes, clientFlags } = encode(format, TEXT)
      for (let length = MAGIC_LENGTH; length < bytes.length; length++)
        expect(codeOf(() => decode(reader, { bytes: bytes.subarray(0, length), clientFlags }))).to.equal(
          'BAD_VALUE',
        )
    })

    it(`is not what flags of another client mean, if the bytes do not begin as such (${algorithm})`, function () {
      // Nothing tells brotli from other bytes.
      if (algorithm === 'brotli') this.skip()
      const { bytes, clientFlags } = encode(format, TEXT)
      const foreign = [Buffer.from('no such thing'), Buffer.from('x'), Buffer.alloc(0), bytes.subarray(1)]
      for (const stored of foreign)
        expect(decode(reader, { bytes: stored, clientFlags })).to.deep.equal(stored)
      const text = encode(createValueFormat({ flags: 'pymemcache' }), 'from Python')
      expect(decode(reader, text)).to.deep.equal(Buffer.from('from Python'))
      // Other clients have one bit for zlib, and no other use of it.
      const pylibmc = createValueFormat({ flags: 'pylibmc' })
      expect(codeOf(() => decode(pylibmc, { bytes: foreign[0]!, clientFlags: 8 }))).to.equal('BAD_VALUE')
    })

    it(`stops at decompressedLengthMax (${algorithm})`, () => {
      const bomb = encode(format, 'x'.repeat(10_001))
      const limited = (decompressedLengthMax: number) => createValueFormat({ decompressedLengthMax })
      const action = () => decode(limited(10_000), bomb)
      expect(codeOf(action)).to.equal('TOO_LARGE')
      // Not measured afterwards: zlib itself has stopped.
      expect(action).to.throw().with.nested.property('cause.code', 'ERR_BUFFER_TOO_LARGE')
      expect(decode(limited(10_001), bomb)).to.have.length(10_001)
    })
  }

  it('stops at 64 MiB by default', () => {
    const bytes = zlib.deflateSync(Buffer.alloc(64 * 1024 * 1024 + 1))
    expect(codeOf(() => createValueFormat().decode(bytes, 0, bytes.length, 0x11))).to.equal('TOO_LARGE')
  })

  it('leaves values alone that are short, or would become longer', () => {
    const format = createValueFormat({ compression: { minLength: 100 } })
    expect(encode(format, 'x'.repeat(99)).clientFlags).to.equal(0)
    expect(encode(format, 'x'.repeat(100)).clientFlags).to.equal(0x10)
    const noise = randomBytes(1000)
    expect(encode(format, noise)).to.deep.include({ bytes: noise, clientFlags: 1 })
  })

  it('begins at 4096 bytes, if nothing else is said', () => {
    const format = createValueFormat({ compression: {} })
    expect(encode(format, 'x'.repeat(4095)).clientFlags).to.equal(0)
    expect(encode(format, 'x'.repeat(4096)).clientFlags).to.equal(0x10)
  })

  it('may be of the caller', () => {
    const format = createValueFormat({ compression: { algorithm: RUNS, minLength: 10 } })
    const encoded = encode(format, 'x'.repeat(500))
    expect(encoded.clientFlags).to.equal(0x40)
    expect(decode(format, encoded)).to.equal('x'.repeat(500))
    expect(codeOf(() => decode(createValueFormat(), encoded))).to.equal('BAD_VALUE')
    const limited = createValueFormat({ compression: { algorithm: RUNS }, decompressedLengthMax: 499 })
    expect(codeOf(() => decode(limited, encoded))).to.equal('TOO_LARGE')
  })

  it("turns the caller's failures into an error with a code", () => {
    const broken = { name: 'broken', compress: () => 'text' as never, decompress: () => undefined as never }
    const format = createValueFormat({ compression: { algorithm: broken, minLength: 1 } })
    expect(codeOf(() => encode(format, 'text'))).to.equal('BAD_VALUE')
    expect(codeOf(() => decode(format, { bytes: Buffer.from('x'), clientFlags: 0x40 }))).to.equal('BAD_VALUE')
  })

  it('reads gzip where zlib is meant, as dalli can write it', () => {
    const dalli = createValueFormat({ flags: 'dalli' })
    expect(decode(dalli, { bytes: zlib.gzipSync(TEXT), clientFlags: 6 })).to.equal(TEXT)
  })

  it('is refused where the format does not have it, or options are wrong', () => {
    const wrong: unknown[] = [
      { flags: 'memjs', compression: {} },
      { flags: 'memcached', compression: {} },
      { flags: 'pylibmc', compression: { algorithm: 'brotli' } },
      { compression: { algorithm: 'lzma' } },
      { compression: { algorithm: { name: 'x' } } },
      { compression: { minLength: -1 } },
      { compression: { minLenght: 1 } },
      { compression: 'zlib' },
      { compression: null },
      { flags: null },
      { flags: { encode: () => {} } },
      { decompressedLengthMax: 0 },
      { flags: 'toString' },
      { flags: createValueFormat(), compression: {} },
      ...(hasZstd ? [] : [{ compression: { algorithm: 'zstd' } }]),
    ]
    for (const options of wrong)
      expect(
        codeOf(() => createValueFormat(options as ValueOptions)),
        JSON.stringify(options),
      ).to.equal('BAD_OPTION')
    const own = createValueFormat()
    expect(createValueFormat({ flags: own })).to.equal(own)
  })
})
