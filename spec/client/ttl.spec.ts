import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import fc from 'fast-check'
import { ClientError } from '../../lib/client/client-error.js'
import { delayOf, expiryOf, type Ttl } from '../../lib/client/ttl.js'

const NOW_MS = Date.UTC(2026, 0, 1)
const NOW_SECONDS = NOW_MS / 1000
const MONTH_SECONDS = 60 * 60 * 24 * 30
const LAST_SECOND = 2 ** 31 - 1
/** An absolute time of 1970. */
const AT_ONCE = MONTH_SECONDS + 1

const expiry = (ttl: unknown) => expiryOf(ttl as Ttl, NOW_MS)

describe('a time to live', () => {
  it('is in seconds, and 0 or undefined is for ever', () => {
    expect([undefined, 0, 1, 60, MONTH_SECONDS].map(expiry)).to.deep.equal([0, 0, 1, 60, MONTH_SECONDS])
  })

  it('is rounded up to a second', () => {
    expect([0.001, 1.5, '1ms', '500ms', '1001ms', '0s'].map(expiry)).to.deep.equal([1, 2, 1, 1, 2, 0])
  })

  it('is a sum of numbers with units', () => {
    const texts: readonly (readonly [string, number])[] = [
      ['10s', 10],
      ['5m', 300],
      ['1h30m', 5400],
      ['2d', 172_800],
      ['1w', 604_800],
      ['1d1h1m1s1ms', 90_062],
    ]
    for (const [text, seconds] of texts) expect(expiry(text), text).to.equal(seconds)
  })

  it('becomes an absolute time beyond 30 days', () => {
    expect(expiry(MONTH_SECONDS + 1)).to.equal(NOW_SECONDS + MONTH_SECONDS + 1)
    expect(expiry('30d')).to.equal(MONTH_SECONDS)
    expect(expiry('31d')).to.equal(NOW_SECONDS + 31 * 86_400)
    expect(expiryOf('31d')).to.be.closeTo(Date.now() / 1000 + 31 * 86_400, 60)
  })

  it('ends at the last second of 32 bits if it is longer', () => {
    expect(['9999w', 1e300, new Date(8.64e15)].map(expiry)).to.deep.equal([
      LAST_SECOND,
      LAST_SECOND,
      LAST_SECOND,
    ])
  })

  it('is at least 30 days, if it is longer, around and after that second', () => {
    for (const now of [LAST_SECOND - 10, LAST_SECOND, LAST_SECOND + 86_400 * 3650]) {
      const later = (seconds: number) => expiryOf(new Date((now + seconds) * 1000), now * 1000)
      expect(['30d', '31d', '99w'].map((ttl) => expiryOf(ttl, now * 1000))).to.deep.equal([
        MONTH_SECONDS,
        MONTH_SECONDS,
        MONTH_SECONDS,
      ])
      expect([60, MONTH_SECONDS, MONTH_SECONDS * 99].map(later)).to.deep.equal([
        60,
        MONTH_SECONDS,
        MONTH_SECONDS,
      ])
    }
    expect(expiryOf(new Date((LAST_SECOND - 5) * 1000), (LAST_SECOND - 10) * 1000)).to.equal(LAST_SECOND - 5)
    expect(expiryOf('99w', (LAST_SECOND - MONTH_SECONDS - 1) * 1000)).to.equal(LAST_SECOND)
  })

  it('is a Date, and has passed if the Date has', () => {
    expect(expiry(new Date(NOW_MS + 1))).to.equal(NOW_SECONDS + 1)
    expect(expiry(new Date(NOW_MS + 5000))).to.equal(NOW_SECONDS + 5)
    expect([new Date(NOW_MS), new Date(0), new Date(-1)].map(expiry)).to.deep.equal([
      AT_ONCE,
      AT_ONCE,
      AT_ONCE,
    ])
    expect(expiry(runInNewContext(`new Date(${NOW_MS + 5000})`))).to.equal(NOW_SECONDS + 5)
  })

  it('is an error with a code if it is no time', () => {
    const wrong = [
      -1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '',
      '5',
      'm',
      '5 m',
      '-5m',
      '1.5h',
      '5x',
      '5mm',
      ' 5m',
      '5m ',
      '5M',
    ]
    const others = [new Date(Number.NaN), null, {}, true, 5n, Symbol('s'), [], Object.create(null)]
    for (const ttl of [...wrong, ...others])
      expect(() => expiry(ttl))
        .to.throw(ClientError)
        .with.property('code', 'BAD_TTL')
  })

  it('never ends later than asked, rounded to a second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (ms) => {
        const given = expiry(`${ms}ms`)
        const seconds = given > MONTH_SECONDS ? given - NOW_SECONDS : given
        expect(seconds).to.equal(Math.min(Math.ceil(ms / 1000), LAST_SECOND - NOW_SECONDS))
        expect(expiry(ms / 1000)).to.equal(given)
      }),
    )
  })
})

describe('the delay of a flush', () => {
  it('is the same, but none for a time that has passed', () => {
    const delays = [0, 5, '1m', new Date(NOW_MS + 5000), new Date(NOW_MS), new Date(NOW_MS - 1), new Date(0)]
    expect(delays.map((delay) => delayOf(delay, NOW_MS))).to.deep.equal([0, 5, 60, NOW_SECONDS + 5, 0, 0, 0])
    expect(() => delayOf(new Date(Number.NaN), NOW_MS))
      .to.throw(ClientError)
      .with.property('code', 'BAD_TTL')
  })
})
