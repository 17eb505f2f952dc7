import { expect } from 'chai'
import { Status } from '../../lib/request/status.js'
import { OPEN_PREFIX_COUNT_MAX } from '../../lib/store/expiry/prefix-flushes.js'
import type { SingleStore } from '../../lib/store/single-store.js'
import { EngineDriver } from '../support/engine-driver.js'
import { checkInvariants } from '../support/store-invariants.js'

const MEMORY_LENGTH = 4 * 1024 * 1024
const VALUE = Buffer.from('value')

/** The prefixes that are open, as text. */
const openIn = ({ restoring }: SingleStore): string[] =>
  restoring.prefixFlushes.map(({ prefix }) => prefix.toString('latin1'))

/** Sweeps until nothing is left to do; fails if that takes for ever. */
function sweep({ store }: EngineDriver): void {
  for (let steps = 0; store.memory.reap(1000); steps++) if (steps > 1000) throw new Error('it never ends')
}

describe('The flush of a prefix', () => {
  let driver: EngineDriver
  const isThere = (...keys: string[]): boolean[] => keys.map((key) => driver.get(key) !== undefined)

  beforeEach(() => {
    driver = new EngineDriver(MEMORY_LENGTH)
    for (const key of ['user:1', 'user:2', 'user', 'users', 'other', '\xff\x01key']) driver.set(key, VALUE)
  })

  it('makes every item dead whose key begins so, and no other', () => {
    expect(driver.flushPrefix('user:')).equal(Status.OK)
    expect(isThere('user:1', 'user:2')).deep.equal([false, false])
    expect(isThere('user', 'users', 'other')).deep.equal([true, true, true])
    driver.flushPrefix('users')
    expect(isThere('users', 'user')).deep.equal([false, true])
  })

  it('compares bytes', () => {
    driver.flushPrefix('\xff\x02')
    expect(isThere('\xff\x01key')).deep.equal([true])
    driver.flushPrefix('\xff')
    expect(isThere('\xff\x01key')).deep.equal([false])
  })

  it('leaves what is stored afterwards', () => {
    driver.flushPrefix('user:')
    driver.set('user:1', VALUE)
    expect(isThere('user:1', 'user:2')).deep.equal([true, false])
    expect(driver.add('user:2', VALUE)).equal(Status.OK)
    sweep(driver)
    expect(isThere('user:1', 'user:2')).deep.equal([true, true])
  })

  it('leaves nothing to change, to touch or to count', () => {
    driver.set('user:3', Buffer.from('5'))
    const { cas } = driver.get('user:1')!
    driver.flushPrefix('user:')
    expect(driver.append('user:1', VALUE)).equal(Status.NOT_STORED)
    expect(driver.touch('user:2', 100)).equal(Status.NOT_FOUND)
    expect(driver.increment('user:3', 1).status).equal(Status.NOT_FOUND)
    driver.set('user:3', Buffer.from('5'))
    driver.flushPrefix('user:')
    expect(driver.compareAndSet('user:1', VALUE, cas)).equal(Status.NOT_FOUND)
    expect(driver.remove('user:3')).equal(Status.NOT_FOUND)
  })

  it('counts as a flush, and its items as flushed ones', () => {
    driver.flushPrefix('user:')
    driver.get('user:1')
    expect([driver.count('cmd_flush'), driver.count('get_flushed')]).deep.equal([1, 1])
  })

  it('drops an item with a cas of its own, which is stale', () => {
    driver.setMarked('user:4', VALUE, { high: 0xffff, low: 1 })
    driver.flushPrefix('user:')
    expect(isThere('user:4')).deep.equal([false])
  })

  it('leaves a value that was arriving: it is stored after the flush', () => {
    const value = Buffer.alloc(200_000, 'long')
    driver.set('user:5', VALUE)
    const partial = driver.stage('user:5', value.length)!
    driver.fill(partial, value.subarray(0, 16_000))
    driver.flushPrefix('user:')
    expect(isThere('user:5')).deep.equal([false])
    sweep(driver)
    for (let at = 16_000; at < value.length; at += 16_000)
      driver.fill(partial, value.subarray(at, at + 16_000))
    expect(driver.publish(partial, 'user:5', value.length)).equal(Status.OK)
    expect(driver.get('user:5')!.value.equals(value)).equal(true)
  })

  it('buries a long value while it is read, and keeps its bytes until then', () => {
    const value = Buffer.alloc(200_000, 'long')
    driver.set('user:6', value)
    const places = driver.placesOf('user:6')
    for (const place of places) driver.store.pins.pin(place)
    driver.flushPrefix('user:')
    sweep(driver)
    expect(driver.store.itemCount).equal(4)
    expect(driver.arena.bytes.toString('latin1', places[0]!, places[0]! + 4)).equal('long')
    for (const place of places) driver.store.pins.unpin(place)
    checkInvariants(driver.arena.words, driver.store)
  })

  it('comes before and after flushes of all items that wait', () => {
    driver.flush(100)
    driver.flushPrefix('user:')
    driver.set('user:7', VALUE)
    expect(isThere('user:1', 'user:7', 'other')).deep.equal([false, true, true])
    driver.advance(100)
    expect(isThere('user:7', 'other')).deep.equal([false, false])
    driver.set('user:7', VALUE)
    driver.flushPrefix('user:')
    expect(isThere('user:7')).deep.equal([false])
  })
})

describe('The sweep after flushes of prefixes', () => {
  let driver: EngineDriver
  beforeEach(() => {
    driver = new EngineDriver(MEMORY_LENGTH)
  })

  it('buries their items, and forgets them', () => {
    for (let index = 0; index < 5000; index++) driver.set(`user:${index}`, VALUE)
    for (let index = 0; index < 100; index++) driver.set(`other:${index}`, VALUE)
    driver.flushPrefix('user:')
    expect([driver.store.itemCount, openIn(driver.store)]).deep.equal([5100, ['user:']])
    sweep(driver)
    expect([driver.store.itemCount, openIn(driver.store)]).deep.equal([100, []])
    expect(driver.count('crawler_reclaimed')).equal(5000)
    checkInvariants(driver.arena.words, driver.store)
  })

  it('takes small steps', () => {
    for (let index = 0; index < 5000; index++) driver.set(`user:${index}`, VALUE)
    driver.flushPrefix('user:')
    expect(driver.store.memory.reap(800)).equal(true)
    // 50 items, and the rest of the last bucket.
    expect(driver.store.itemCount).within(4930, 4999)
  })

  it('takes small steps over empty buckets too', () => {
    driver.set('user:1', VALUE)
    driver.flushPrefix('user:')
    let stepCount = 1
    while (driver.store.memory.reap(800)) stepCount++
    expect(stepCount).within(driver.store.index.bucketCount / 60, driver.store.index.bucketCount / 40)
  })

  it('begins again for a prefix that is flushed meanwhile', () => {
    for (let index = 0; index < 5000; index++) driver.set(`user:${index}`, VALUE)
    driver.flushPrefix('none')
    expect(driver.store.memory.reap(20_000)).equal(true)
    driver.flushPrefix('user:')
    for (let steps = 0; openIn(driver.store).includes('none'); steps++) {
      driver.store.memory.reap(1000)
      expect(steps).below(1000)
    }
    expect(openIn(driver.store)).deep.equal(['user:'])
    sweep(driver)
    expect([driver.store.itemCount, openIn(driver.store)]).deep.equal([0, []])
  })

  it('misses no item that moves to another bucket as the index grows', () => {
    for (let index = 0; index < 7000; index++) driver.set(`user:${index}`, VALUE)
    driver.flushPrefix('user:')
    const { bucketCount } = driver.store.index
    driver.store.memory.reap(800)
    for (let index = 0; index < 6000; index++) driver.set(`other:${index}`, Buffer.alloc(0))
    expect(driver.store.index.bucketCount).above(bucketCount)
    sweep(driver)
    expect(driver.store.itemCount).equal(6000)
  })

  it('is not cut short by a flush of all items: another worker may look at the prefixes after the earlier boundary', () => {
    driver.set('user:1', VALUE)
    driver.flushPrefix('user:')
    driver.flush(0)
    expect(openIn(driver.store)).deep.equal(['user:'])
    sweep(driver)
    expect(openIn(driver.store)).deep.equal([])
    expect(driver.get('user:1')).equal(undefined)
  })

  it('has one place for prefixes that begin with one that is flushed later', () => {
    for (const key of ['a:1', 'a:2', 'b:1']) driver.set(key, VALUE)
    for (const prefix of ['a:1', 'a:2', 'b', 'a:', 'a:']) driver.flushPrefix(prefix)
    expect(openIn(driver.store).sort()).deep.equal(['a:', 'b'])
    expect(['a:1', 'a:2', 'b:1'].map((key) => driver.get(key))).deep.equal([undefined, undefined, undefined])
    driver.flushPrefix('a:1')
    expect(openIn(driver.store).sort()).deep.equal(['a:', 'a:1', 'b'])
  })

  it('keeps a later flush of a longer prefix when an earlier one of a shorter prefix is restored', () => {
    const { store, arena } = driver
    driver.set('user:1', VALUE)
    driver.flushPrefix('user:1')
    const { version } = store.restoring.prefixFlushes[0]!
    const start = arena.byteLength - 256
    const length = arena.bytes.write('user:', start, 'latin1')
    store.restoring.restorePrefixFlush(start, length, version - 1)
    expect(openIn(store).sort()).deep.equal(['user:', 'user:1'])
    expect(driver.get('user:1')).equal(undefined)
  })

  it('has to come before one prefix more than there are places, and then there is room again', () => {
    driver.request.session.mayWatch = false
    for (let index = 0; index < OPEN_PREFIX_COUNT_MAX; index++)
      expect(driver.flushPrefix(`prefix ${index}:`)).equal(Status.OK)
    driver.set('more', VALUE)
    expect(driver.store.mayFlushPrefix).equal(false)
    expect(driver.flushPrefix('more')).equal(Status.TEMPORARY_FAILURE)
    expect(driver.get('more')).not.equal(undefined)
    expect(driver.flushPrefix('prefix 1')).equal(Status.OK)
    expect(driver.flushPrefix('more')).equal(Status.OK)
    sweep(driver)
    expect([driver.store.mayFlushPrefix, openIn(driver.store)]).deep.equal([true, []])
  })
})

describe('The flush of a prefix, with two workers', () => {
  it('is seen by both, and comes before each later change of both', () => {
    const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
    for (let index = 0; index < 500; index++) one.set(`user:${index}`, VALUE)
    // The other one has changed nothing yet: its versions are far behind.
    one.flushPrefix('user:')
    expect(other.get('user:1')).equal(undefined)
    for (let index = 0; index < 500; index++) {
      other.set(`user:${index}`, VALUE)
      expect(one.get(`user:${index}`), `user:${index}`).not.equal(undefined)
    }
    while (other.store.memory.reap(1000));
    expect([one.store.itemCount, openIn(one.store)]).deep.equal([500, []])
  })

  it('is swept by both, in turn', () => {
    const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
    for (let index = 0; index < 2000; index++) one.set(`user:${index}`, VALUE)
    other.flushPrefix('user:')
    const counts = new Set<number>()
    for (let turn = 0; openIn(one.store).length > 0; turn++) {
      const { store } = [one, other][turn % 2]!
      counts.add(store.itemCount)
      store.memory.reap(1000)
    }
    expect(counts.size).above(5)
    expect(one.store.itemCount).equal(0)
    checkInvariants(one.arena.words, one.store)
  })
})
