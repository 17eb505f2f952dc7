import { expect } from 'chai'
import { Status } from '../../lib/request/status.js'
import { stripeOf } from '../../lib/store/lock/rw-lock.js'
import { EngineDriver } from '../support/engine-driver.js'
import { checkInvariants } from '../support/store-invariants.js'

const MEMORY_LENGTH = 1024 * 1024
const VALUE = Buffer.alloc(1000)
/** So many values are three times what fits. */
const COUNT = 3000

function stripeFor({ arena }: EngineDriver, key: string): number {
  const start = arena.byteLength - 256
  return stripeOf(arena.hash(start, arena.bytes.write(key, start)))
}

describe('A segment that is swept', () => {
  it('is not used again before the dead items in it are counted', () => {
    const [sweeping, burying] = EngineDriver.pair(MEMORY_LENGTH)
    burying.set('dying', Buffer.alloc(30))
    // The key is held meanwhile: taking its stripe would wait without end.
    const held = stripeFor(sweeping, 'dying')
    const others = Array.from({ length: COUNT }, (_, index) => `other ${index}`)
    const free = others.filter((key) => stripeFor(sweeping, key) !== held)
    for (const key of free.slice(0, 100)) burying.set(key, VALUE)

    const { segments } = burying.store
    const { bury } = segments
    let sequence = 0
    segments.bury = (segment, size) => {
      segments.bury = bury
      sequence = segments.sequence(segment)
      for (const key of free) sweeping.set(key, VALUE)
      expect(segments.sequence(segment), 'the life of the segment').to.equal(sequence)
      segments.bury(segment, size)
    }
    expect(burying.remove('dying')).to.equal(Status.OK)
    expect(sequence).to.be.above(0)
    for (const key of free) sweeping.set(key, VALUE)
    checkInvariants(sweeping.arena.words, sweeping.store)
  })
})
