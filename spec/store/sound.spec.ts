import { expect } from 'chai'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const MEMORY_LENGTH = 2 * MEGABYTE
const VALUE = Buffer.alloc(1000, 'v')

/** A store with a key, its place, and the place of a missing key. */
class Keys {
  readonly driver = new EngineDriver(MEMORY_LENGTH)
  readonly store = this.driver.store
  private readonly place = this.driver.arena.byteLength - 64
  readonly length = 3

  constructor() {
    this.driver.set('key', VALUE)
  }

  start(key: 'key' | 'non'): number {
    this.driver.arena.bytes.write(key, this.place, 'latin1')
    return this.place
  }
}

describe('A store in which an exception is thrown', () => {
  it('is sound while a key is read, or none is, and not while one is locked for a change', () => {
    const keys = new Keys()
    const { store, length } = keys
    expect(store.isSound, 'at first').equal(true)
    for (const key of ['key', 'non'] as const) {
      store.find(keys.start(key), length)
      expect(store.isSound, `${key} is read`).equal(true)
      store.release()
      store.lock(keys.start(key), length)
      expect(store.isSound, `${key} is held`).equal(false)
      store.release()
      expect(store.isSound, `${key} is let go`).equal(true)
    }
  })

  it('is not sound while it makes room, and is afterwards', () => {
    const { driver, store } = new Keys()
    const seen = new Set<boolean>()
    store.memory.onEviction({ evicted: () => seen.add(store.isSound), clears: () => seen.add(store.isSound) })
    for (let index = 0; driver.count('evictions') < 100; index++) {
      driver.set(`fill:${index}`, VALUE)
      expect(store.isSound).equal(true)
    }
    expect([...seen]).deep.equal([false])
  })

  it('is not sound while the index grows', () => {
    const { driver, store } = new Keys()
    const seen: boolean[] = []
    Object.defineProperty(store.index, 'isReady', { value: false })
    store.index.grow = () => seen.push(store.isSound)
    driver.set('another', VALUE)
    expect(seen).deep.equal([false])
    expect(store.isSound).equal(true)
  })

  it('is not sound while a segment changes its owner', () => {
    const { store } = new Keys()
    const { mutex } = store.segments.pool
    mutex.lock()
    expect(store.isSound).equal(false)
    mutex.unlock()
    expect(store.isSound).equal(true)
  })
})
