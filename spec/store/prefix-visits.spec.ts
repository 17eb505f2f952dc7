import { expect } from 'chai'
import { Life } from '../../lib/store/expiry/expiry.js'
import { headerLength } from '../../lib/store/item/item.js'
import { type ListedItem, PrefixVisits } from '../../lib/store/prefix-visits.js'
import { EngineDriver } from '../support/engine-driver.js'
import { pattern } from '../support/pattern.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.from('value')
const DAY = 24 * 60 * 60

/** The live items whose keys begin so, by their keys; and where the rest of each key is found. */
function list({ store }: EngineDriver, prefix: string): Map<string, ListedItem> {
  const visits = new PrefixVisits(store, Buffer.from(prefix, 'latin1'))
  const listed = new Map<string, ListedItem>()
  for (let bucket = 0; bucket < visits.bucketCount; bucket++)
    visits.visitBucket(bucket, (item) => {
      expect(store.lifeOf(item)).equal(Life.LIVE)
      const described = visits.describe(item)
      const key = described.key.toString('latin1')
      expect(listed.has(key), key).equal(false)
      expect(prefix + store.bytes.toString('latin1', ...visits.restOf(item))).equal(key)
      listed.set(key, described)
    })
  return listed
}

describe('A list of items by prefix', () => {
  it('has those whose keys begin so, in every byte, and no others', () => {
    const driver = new EngineDriver(MEGABYTE)
    const keys = ['abc', 'abcd', 'abc:1', 'abd', 'aXc', 'Xbc', 'ab', 'a', '\xffbc', '\xff']
    for (const key of keys) driver.set(key, VALUE)
    for (const prefix of ['', 'a', 'ab', 'abc', 'abc:1', 'abc:12', 'X', '\xff', '\xffb', 'zzz'])
      expect([...list(driver, prefix).keys()].sort(), prefix).deep.equal(
        keys.filter((key) => key.startsWith(prefix)).sort(),
      )
  })

  it('has all of them in a bucket that is continued elsewhere, and none that is dead', () => {
    const driver = new EngineDriver(4 * MEGABYTE)
    const { index } = driver.store
    for (let number = 0; number < 7 * index.bucketCount; number++) driver.set(`live:${number}`, VALUE)
    for (let number = 0; number < 500; number++) driver.set(`dead:${number}`, VALUE, 0, 5)
    driver.advance(5)
    const lengths = Array.from({ length: index.bucketCount }, (_, bucket) => index.chains.list(bucket, []))
    expect(Math.max(...lengths)).above(12)
    expect(list(driver, 'live:').size).equal(7 * index.bucketCount)
    expect(list(driver, '').size).equal(7 * index.bucketCount)
  })

  it('describes each item', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { store, clock } = driver
    // The low word of the next cas has its highest bit.
    store.restoring.raiseVersion(0x1_8000_0000)
    driver.set('short', VALUE)
    driver.set('other', VALUE, 0x8765_4321 | 0, DAY)
    driver.set('long', pattern(150_000))
    driver.advance(10)
    driver.get('other')
    const listed = list(driver, '')
    const { now } = clock
    const common = { size: VALUE.length, isFetched: false, flags: 0, ttl: -1, accessTime: now - 10 }
    const keyed = (key: string) => ({ key: Buffer.from(key), cas: BigInt(driver.get(key)!.cas) })
    const [short, other, long] = ['short', 'other', 'long'].map((key) => listed.get(key)!)
    expect(short).deep.equal({ ...common, ...keyed('short'), bytes: 12 + 12 })
    expect(other).deep.equal({
      ...common,
      ...keyed('other'),
      bytes: 12 + 8 + 12,
      isFetched: true,
      flags: 0x8765_4321,
      ttl: DAY - 10,
      accessTime: now,
    })
    expect(long!.size).equal(150_000)
    expect(long!.bytes).within(150_000, 150_000 + headerLength(0xff) + 'long'.length + 4)
    expect([short!.cas, other!.cas, long!.cas]).deep.equal([0x1_8000_0001n, 0x1_8000_0002n, 0x1_8000_0003n])
  })
})
