import { expect } from 'chai'
import { Flag, MISSING } from '../../lib/store/item/item.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const KEY = 'held'

class MustWait extends Error {}

/** Whether a worker cannot do this before another one has done something. The worker is of no use afterwards. */
function mustWait(action: () => void): boolean {
  const { wait } = Atomics
  Atomics.wait = () => {
    throw new MustWait()
  }
  try {
    action()
    return false
  } catch (error) {
    if (error instanceof MustWait) return true
    throw error
  } finally {
    Atomics.wait = wait
  }
}

/** Asks for the stripe of the key, to read or to change it. */
function ask({ arena, store }: EngineDriver, how: 'peek' | 'find' | 'lock'): void {
  const start = arena.reserve(256)
  store[how](start, arena.bytes.write(KEY, start, 'latin1'))
}

describe('A bucket', () => {
  it('is read by several workers at once, also for a key that it does not have', () => {
    const [reading, other] = EngineDriver.pair(MEGABYTE)
    // An item would have expired if it were where the missing one seems to be.
    const { words } = reading.arena
    words[MISSING + 2] = Flag.EXPIRY << 16
    words[MISSING + 3] = 1
    ask(reading, 'peek')
    expect(mustWait(() => ask(other, 'find'))).to.equal(false)
    reading.store.release()
    expect(mustWait(() => ask(reading, 'lock'))).to.equal(true)
  })

  it('is not changed by another worker while its items are visited', () => {
    const [visiting, other] = EngineDriver.pair(MEGABYTE)
    visiting.set(KEY, Buffer.from('value'))
    const { store } = visiting
    let isHeld = false
    // Afterwards the other worker still has the stripe, so no bucket of it can be visited.
    for (let bucket = 0; bucket < store.index.bucketCount && !isHeld; bucket++) {
      store.visits.visitBucket(bucket, () => {
        isHeld = mustWait(() => ask(other, 'lock'))
      })
    }
    expect(isHeld).to.equal(true)
  })

  it('is not searched for a ghost by a worker that makes room, while another one changes it', () => {
    const [changing, other] = EngineDriver.pair(MEGABYTE)
    const { store } = other
    Object.defineProperty(store.index, 'hasGhosts', { value: true })
    const keyStart = other.arena.reserve(256)
    const keyLength = other.arena.bytes.write(KEY, keyStart, 'latin1')
    Object.assign(store.draft, { keyStart, keyLength, valueLength: 1 })
    expect(mustWait(() => store.makeRoom())).to.equal(false)
    ask(changing, 'lock')
    expect(mustWait(() => store.makeRoom())).to.equal(true)
  })

  it('is not read by another worker while dead items are removed from it', () => {
    const [sweeping, other] = EngineDriver.pair(MEGABYTE)
    sweeping.set(KEY, Buffer.from('value'))
    sweeping.flushPrefix(KEY)
    const { index, memory } = sweeping.store
    const { findItem } = index
    let heldCount = 0
    index.findItem = (hash, item) => {
      if (mustWait(() => ask(other, 'peek'))) heldCount++
      return findItem.call(index, hash, item)
    }
    while (memory.reap(1000));
    expect(heldCount).to.equal(1)
    expect(sweeping.store.itemCount).to.equal(0)
  })
})
