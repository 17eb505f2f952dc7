import { expect } from 'chai'
import fc from 'fast-check'
import { digitCount, fromHalves, Halves, readDecimal, writeDecimal } from '../../lib/arena/decimal.js'

const read = (text: string): bigint | undefined => {
  const result = new Halves()
  const bytes = Buffer.from(`x${text}y`)
  return readDecimal(bytes, 1, bytes.length - 1, result) ? join(result.high, result.low) : undefined
}

const join = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
const split = (value: bigint): [number, number] => [
  Number(BigInt.asIntN(32, value >> 32n)),
  Number(BigInt.asIntN(32, value)),
]

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const EDGES = [
  0n,
  9n,
  10n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  10n ** 19n - 1n,
  10n ** 19n,
  2n ** 64n - 1n,
]

describe('decimal numbers of 64 bits', () => {
  it('are read exactly', () => {
    for (const value of EDGES) expect(read(String(value))).equal(value)
    fc.assert(
      fc.property(u64, (value) => {
        expect(read(String(value))).equal(value)
      }),
    )
  })

  it('are read with any number of leading zeros', () => {
    expect(read(`${'0'.repeat(50)}42`)).equal(42n)
    expect(read('000')).equal(0n)
  })

  it('are refused when they are too large, empty, or not a number', () => {
    for (const text of [
      '18446744073709551616',
      '99999999999999999999',
      '123456789012345678901',
      '',
      '-1',
      '1x',
      ' 1',
      '1.5',
    ]) {
      expect(read(text), text).equal(undefined)
    }
  })

  it('are written without leading zeros', () => {
    const check = (value: bigint) => {
      const bytes = Buffer.alloc(24, '?')
      const [high, low] = split(value)
      const length = writeDecimal(bytes, 2, high, low)
      expect(length).equal(digitCount(high, low))
      expect(bytes.toString('latin1')).equal(`??${value}`.padEnd(24, '?'))
    }
    for (const value of EDGES) check(value)
    fc.assert(fc.property(u64, check))
  })

  it('are exact as JavaScript numbers below 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const halves = new Halves()
        halves.set(value)
        expect(fromHalves(halves.high, halves.low)).equal(value)
      }),
    )
  })
})
