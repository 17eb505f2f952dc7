import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { ClientError } from '../../../lib/client/client-error.js'
import {
  type Choose,
  createSelector,
  type Distribution,
} from '../../../lib/client/servers/distributions/create-selector.js'
import { jump } from '../../../lib/client/servers/distributions/jump.js'
import { md5 } from '../../../lib/client/servers/distributions/md5.js'
import { NO_SERVER, type Selector } from '../../../lib/client/servers/distributions/selector.js'
import { parseServers } from '../../../lib/client/servers/server-address.js'
import { Random } from '../../support/random.js'

const NAMED = ['ketama', 'consistent', 'modulo', 'jump', 'rendezvous'] as const
const KEYS = Array.from({ length: 20_000 }, (_, index) => `key:${index}`)

const addressesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `10.0.0.${index}`)

function selectorOf(
  distribution: Distribution,
  addresses: readonly string[],
  weights: readonly number[] = [],
): Selector {
  const given = addresses.map((address, index) => ({ address, weight: weights[index] ?? 1 }))
  return createSelector(distribution, parseServers(given))
}

/** How many keys each server has. */
function countsOf(selector: Selector, serverCount: number): number[] {
  const counts = Array<number>(serverCount).fill(0)
  for (const key of KEYS) counts[selector.pick(key)]!++
  return counts
}

/** Which share of the keys has another server. */
function movedShare(before: readonly string[], after: readonly string[], distribution: Distribution): number {
  const one = selectorOf(distribution, before)
  const other = selectorOf(distribution, after)
  return KEYS.filter((key) => before[one.pick(key)] !== after[other.pick(key)]).length / KEYS.length
}

describe('The MD5 of selectors', () => {
  it('is that of node:crypto, for all lengths around the ends of blocks, of strings and bytes', () => {
    const random = new Random()
    for (let length = 0; length < 700; length++) {
      const bytes = random.bytes(length)
      const text = 'aé€😀'.repeat(length).slice(0, 2 * (length >> 1))
      for (const given of [bytes, text, `x${'a'.repeat(length)}`]) {
        const expected = createHash('md5').update(given).digest()
        const words = md5(given)
        expect([0, 1, 2, 3].map((word) => words[word])).deep.equal(
          [0, 4, 8, 12].map((at) => expected.readInt32LE(at)),
        )
      }
    }
  })
})

describe('jump', () => {
  it('is that of Lamping and Veach, computed with numbers of 64 bits', () => {
    const random = new Random()
    for (let count = 0; count < 20_000; count++) {
      const low = random.below(2 ** 32) | 0
      const high = random.below(2 ** 32) | 0
      const bucketCount = 1 + random.below(random.pick([3, 100, 100_000]))
      expect(jump(low, high, bucketCount), `seed ${random.seed}`).equal(jumpByTheBook(low, high, bucketCount))
    }
  })
})

function jumpByTheBook(low: number, high: number, bucketCount: number): number {
  let state = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  let bucket = -1
  let next = 0
  while (next < bucketCount) {
    bucket = next
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n)
    next = Math.trunc((bucket + 1) * (2 ** 31 / (Number(state >> 33n) + 1)))
  }
  return bucket
}

describe('A selector', () => {
  for (const distribution of NAMED) {
    it(`chooses the same for a key as string and as bytes: ${distribution}`, () => {
      const selector = selectorOf(distribution, addressesOf(7))
      for (const key of ['', 'key', 'clé', '鍵', 'x'.repeat(1000)])
        expect(selector.pick(key)).equal(selector.pick(Buffer.from(key)))
    })

    it(`gives each of ten servers its share: ${distribution}`, () => {
      for (const count of countsOf(selectorOf(distribution, addressesOf(10)), 10))
        expect(count / KEYS.length).within(0.06, 0.14)
    })

    it(`does not change its choice while the server is usable: ${distribution}`, () => {
      const selector = selectorOf(distribution, addressesOf(5))
      for (const key of KEYS.slice(0, 1000)) {
        const picked = selector.pick(key)
        expect(selector.pickAmong(key, () => true)).equal(picked)
        expect(selector.pickAmong(key, (index) => index === picked || index === 0)).equal(picked)
      }
    })

    it(`spreads the keys of a dead server over several others: ${distribution}`, () => {
      const selector = selectorOf(distribution, addressesOf(5))
      const takers = KEYS.filter((key) => selector.pick(key) === 2).map((key) =>
        selector.pickAmong(key, (index) => index !== 2),
      )
      const shares = [0, 1, 3, 4].map(
        (index) => takers.filter((taker) => taker === index).length / takers.length,
      )
      expect(Math.min(...shares), `${shares}`).above(0.1)
      expect(takers).not.include(2)
    })

    // Where the number of usable servers divides that of all, a remainder that decided twice would give all keys to one.
    it(`spreads the keys of a dead server if half of all are dead: ${distribution}`, () => {
      const selector = selectorOf(distribution, addressesOf(8))
      const keys = KEYS.filter((key) => selector.pick(key) === 1)
      const takers = new Set(keys.map((key) => selector.pickAmong(key, (index) => index % 2 === 0)))
      expect([...takers].sort()).deep.equal([0, 2, 4, 6])
    })

    it(`finds the only usable server, and none where there is none: ${distribution}`, () => {
      const selector = selectorOf(distribution, addressesOf(5))
      for (const key of KEYS.slice(0, 200)) {
        expect(selector.pickAmong(key, (index) => index === 4)).equal(4)
        expect(selector.pickAmong(key, () => false)).equal(NO_SERVER)
      }
    })

    it(`has one server, or none, without a hash: ${distribution}`, () => {
      // What is no key would fail if it were hashed.
      const noKey = undefined as unknown as string
      const only = selectorOf(distribution, ['cache'])
      expect(only.pick(noKey)).equal(0)
      expect(only.pickAmong(noKey, () => true)).equal(0)
      expect(only.pickAmong(noKey, () => false)).equal(NO_SERVER)
      const none = createSelector(distribution, [])
      expect(none.pick(noKey)).equal(NO_SERVER)
      expect(none.pickAmong(noKey, () => true)).equal(NO_SERVER)
    })
  }

  for (const distribution of ['ketama', 'consistent', 'jump', 'rendezvous'] as const) {
    it(`gives servers keys by their weights: ${distribution}`, () => {
      const shares = countsOf(selectorOf(distribution, addressesOf(3), [1, 2, 5]), 3).map(
        (count) => count / KEYS.length,
      )
      for (const [index, share] of [1 / 8, 2 / 8, 5 / 8].entries())
        expect(shares[index], `${shares}`).within(0.8 * share, 1.2 * share)
    })

    it(`moves few keys when a server is added at the end: ${distribution}`, () => {
      expect(movedShare(addressesOf(9), addressesOf(10), distribution)).within(0.05, 0.15)
    })
  }

  for (const distribution of ['jump', 'rendezvous'] as const)
    it(`moves keys only to the server that was added: ${distribution}`, () => {
      for (const weights of [[], [3, 1, 2, 1, 4, 2, 1, 1, 1, 5]]) {
        const one = selectorOf(distribution, addressesOf(9), weights)
        const other = selectorOf(distribution, addressesOf(10), weights)
        for (const key of KEYS) if (other.pick(key) !== one.pick(key)) expect(other.pick(key)).equal(9)
      }
    })

  for (const distribution of ['ketama', 'consistent', 'rendezvous'] as const) {
    it(`does not depend on the order of the list: ${distribution}`, () => {
      expect(movedShare(addressesOf(9), addressesOf(9).reverse(), distribution)).equal(0)
    })

    it(`moves the keys of a dead server to where they go without it: ${distribution}`, () => {
      const addresses = addressesOf(6)
      const selector = selectorOf(distribution, addresses)
      const without = addresses.toSpliced(3, 1)
      const other = selectorOf(distribution, without)
      for (const key of KEYS)
        expect(addresses[selector.pickAmong(key, (index) => index !== 3)]).equal(without[other.pick(key)])
    })
  }

  it('may be a function, which sees key and servers', () => {
    const choose: Choose = (key, servers) => servers.findIndex(({ host }) => host === key)
    const selector = selectorOf(choose, ['first', 'second', 'third'])
    expect(selector.pick('second')).equal(1)
    expect(selector.pickAmong('second', (index) => index !== 1)).equal(2)
    expect(selector.pickAmong('third', (index) => index !== 2)).equal(0)
    expect(selector.pickAmong('third', () => false)).equal(NO_SERVER)
  })

  for (const returned of [-1, 2, 0.5, Number.NaN, undefined, '1'])
    it(`refuses ${JSON.stringify(returned)} of a function for two servers`, () => {
      const selector = selectorOf((() => returned) as unknown as Choose, ['first', 'second'])
      expect(() => selector.pick('key'))
        .throws(ClientError, `${returned}`)
        .property('code', 'BAD_OPTION')
    })

  for (const distribution of ['ketema', 'toString', 7, null])
    it(`is not ${distribution}`, () => {
      expect(() => createSelector(distribution as Distribution, []))
        .throws(ClientError, `not ${distribution}`)
        .property('code', 'BAD_OPTION')
    })
})
