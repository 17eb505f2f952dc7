import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import fc from 'fast-check'
import type { ClientError } from '../../../lib/client/client-error.js'
import { createValueFormat, type FlagsFormat } from '../../../lib/client/values/create-value-format.js'
import { EncodedValue, type ValueFormat } from '../../../lib/client/values/value-format.js'

const encoded = new EncodedValue()

function encode(format: ValueFormat, value: unknown): { bytes: Buffer; clientFlags: number } {
  format.encode(value, encoded)
  return { bytes: Buffer.from(encoded.bytes), clientFlags: encoded.clientFlags }
}

/** The value lies between others, as in what a socket has received. */
function decode(format: ValueFormat, bytes: Buffer, clientFlags: number): unknown {
  const received = Buffer.concat([Buffer.from('before"1'), bytes, Buffer.from('9after"')])
  const value = format.decode(received, 8, 8 + bytes.length, clientFlags)
  received.fill('!')
  return value
}

function roundTrip(format: ValueFormat, value: unknown): unknown {
  const { bytes, clientFlags } = encode(format, value)
  return decode(format, bytes, clientFlags)
}

function errorOf(action: () => unknown): ClientError {
  try {
    action()
  } catch (error) {
    return error as ClientError
  }
  throw new Error('no error was thrown')
}

const text = fc.string({ unit: 'grapheme' })
const bytes = fc.uint8Array().map((array) => Buffer.from(array))
/** What JSON can carry: it has no -0, in lists and objects neither. */
const json = fc
  .jsonValue()
  .filter((value) => typeof value !== 'number')
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
const safeInteger = fc.maxSafeInteger().map((value) => value + 0)

const CARRIED: Readonly<Record<FlagsFormat, readonly fc.Arbitrary<unknown>[]>> = {
  keepcached: [text, bytes, json, fc.double(), safeInteger, fc.bigInt()],
  memjs: [bytes],
  memcached: [text, bytes, json, fc.double(), safeInteger],
  pymemcache: [text, bytes, fc.double(), safeInteger, fc.bigInt(), fc.boolean(), fc.constant(null)],
  pylibmc: [text, bytes, fc.double(), safeInteger, fc.boolean(), fc.constant(null)],
  bmemcached: [text, bytes, fc.double(), safeInteger, fc.bigInt(), fc.boolean(), fc.constant(null)],
  dalli: [text, bytes],
}

const FORMATS = Object.keys(CARRIED) as FlagsFormat[]

for (const flags of FORMATS)
  describe(`values with flags: '${flags}'`, () => {
    const format = createValueFormat({ flags })

    it('come back as what they were', () => {
      fc.assert(
        fc.property(fc.oneof(...CARRIED[flags]), (value) => {
          expect(roundTrip(format, value)).to.deep.equal(value)
        }),
        { numRuns: 500 },
      )
    })

    it('are anything but what no client can store', () => {
      for (const value of [undefined, () => 1, Symbol('s'), '\ud800', 'a\udc00b'])
        expect(errorOf(() => format.encode(value, encoded)).code).to.equal('BAD_VALUE')
    })

    it('are, whatever the flags and bytes, a value or an error with a code', () => {
      let count = 0
      fc.assert(
        fc.property(fc.uint8Array(), fc.nat(0xffff_ffff), fc.nat(0x3f), (array, wide, narrow) => {
          for (const clientFlags of [wide, narrow])
            try {
              format.decode(Buffer.from(array), 0, array.length, clientFlags)
            } catch (error) {
              expect((error as ClientError).code).to.be.oneOf(['BAD_VALUE', 'TOO_LARGE'])
            }
          count++
        }),
        { numRuns: 1000 },
      )
      expect(count).to.be.at.least(1000)
    })
  })

describe('values with the flags of keepcached', () => {
  const format = createValueFormat()

  it('have one number for each type, and 0 for text', () => {
    const types = [
      ['text', 0] as const,
      [Buffer.from('b'), 1] as const,
      [[1], 2] as const,
      [1.5, 3] as const,
      [5n, 4] as const,
    ]
    for (const [value, clientFlags] of types) expect(encode(format, value).clientFlags).to.equal(clientFlags)
    expect([true, null].map((value) => encode(format, value).clientFlags)).to.deep.equal([2, 2])
  })

  it('are numbers that a server can count with, also after it has padded them', () => {
    expect(`${encode(format, 41).bytes}`).to.equal('41')
    expect(decode(format, Buffer.from('9 '), 3)).to.equal(9)
    expect(decode(format, Buffer.from('18446744073709551615'), 4)).to.equal(2n ** 64n - 1n)
    expect(decode(format, Buffer.from('9 '), 4)).to.equal(9n)
  })

  it('keep NaN, the infinities and -0', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])
      expect(Object.is(roundTrip(format, value), value)).to.equal(true)
  })

  it('are a Buffer if another client wrote them', () => {
    for (const clientFlags of [5, 0x50, 0x110, 0xffff_ffff])
      expect(decode(format, Buffer.from('foreign'), clientFlags)).to.deep.equal(Buffer.from('foreign'))
  })

  it('are an error if the bytes are not of the type in the flags', () => {
    for (const [stored, clientFlags] of [
      ['{"a":', 2],
      ['', 2],
      ['1x', 3],
      ['', 3],
      ['1.5', 4],
      ['', 4],
    ] as const) {
      const error = errorOf(() => decode(format, Buffer.from(stored), clientFlags))
      expect(error.code).to.equal('BAD_VALUE')
    }
  })

  it('are refused where JSON would lose or cannot have them', () => {
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    const lost = [
      new Map(),
      new Set(),
      Promise.resolve(1),
      /x/,
      new Error('x'),
      new ArrayBuffer(1),
      new Float64Array(1),
      circular,
      { big: 1n },
      { toJSON: () => undefined },
      {
        toJSON: () => {
          throw new Error('x')
        },
      },
    ]
    for (const value of lost) expect(errorOf(() => format.encode(value, encoded)).code).to.equal('BAD_VALUE')
    expect(roundTrip(format, new Date(0))).to.equal('1970-01-01T00:00:00.000Z')
  })

  it('are bytes also if they are of another realm', () => {
    const foreign = runInNewContext('new Uint8Array([1, 2])') as Uint8Array
    expect(foreign).to.not.be.instanceOf(Uint8Array)
    expect(roundTrip(format, foreign)).to.deep.equal(Buffer.of(1, 2))
  })

  it('are not shown in errors', () => {
    expect(errorOf(() => format.encode('secret\ud800', encoded)).message).to.not.contain('secret')
    expect(errorOf(() => decode(format, Buffer.from('secret'), 3)).message).to.not.contain('secret')
  })
})

describe('values of Python', () => {
  const format = createValueFormat({ flags: 'pymemcache' })
  const PICKLED = 1

  it('are read from simple pickles of every protocol', () => {
    const pickles: readonly (readonly [string, unknown])[] = [
      ['4e2e', null],
      ['4930310a2e', true],
      ['4930300a2e', false],
      ['462d302e310a2e', -0.1],
      ['473ff80000000000002e', 1.5],
      ['8002882e', true],
      ['8005892e', false],
      ['80054e2e', null],
      ['8005950a00000000000000473ff80000000000002e', 1.5],
    ]
    for (const [hex, value] of pickles)
      expect(decode(format, Buffer.from(hex, 'hex'), PICKLED)).to.equal(value)
  })

  it('are a Buffer from other pickles, whole or broken', () => {
    for (const hex of ['80055d942e', '', '80', '8005', '800595', '47', '473ff82e', '80024e', '80054b012e']) {
      const pickle = Buffer.from(hex, 'hex')
      expect(decode(format, pickle, PICKLED)).to.deep.equal(pickle)
    }
  })

  it('have no form for objects', () => {
    for (const flags of ['pymemcache', 'pylibmc', 'bmemcached', 'dalli', 'memjs'] as const)
      expect(errorOf(() => createValueFormat({ flags }).encode({}, encoded)).code).to.equal('BAD_VALUE')
  })

  it('are bigints where a number would not be exact', () => {
    expect(decode(format, Buffer.from(`${2n ** 70n}`), 2)).to.equal(2n ** 70n)
    expect(decode(createValueFormat({ flags: 'pylibmc' }), Buffer.from('5'), 4)).to.equal(5)
  })
})
