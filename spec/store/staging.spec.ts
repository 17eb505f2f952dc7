import { expect } from 'chai'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const MEMORY_LENGTH = 8 * MEGABYTE
const KEY = 'key'
const CHUNK_LENGTH = 16 * 1024
/** Each piece of a value is rounded up to 4 bytes. */
const ROUNDING_LENGTH_MAX = 1024

describe('Long values that are on their way into the store', () => {
  const { arena, store } = new EngineDriver(MEMORY_LENGTH)
  const key = arena.reserve(64)
  arena.bytes.write(KEY, key, 'latin1')
  const begin = (length: number, asItComes: boolean) => store.stage(key, KEY.length, length, 0, 0, asItComes)

  /** Begins values until one is refused; how many there was room for. All are discarded. */
  function beginAll(length: number): number {
    const staged = []
    for (let next = begin(length, false); next !== undefined; next = begin(length, false)) staged.push(next)
    for (const value of staged) value.discard()
    return staged.length
  }

  it('hold up to half of the memory, and free it when they are discarded', () => {
    for (let round = 0; round < 3; round++) {
      expect(beginAll(100_000)).to.equal(Math.floor(MEMORY_LENGTH / 2 / 100_000))
    }
  })

  it('hold all of that half, but for what is rounded up', () => {
    expect(beginAll(MEMORY_LENGTH / 2 - ROUNDING_LENGTH_MAX)).to.equal(1)
    expect(beginAll(MEMORY_LENGTH / 2 + 4)).to.equal(0)
  })

  it('hold no more when they grow as their bytes come', () => {
    const staged = [begin(3 * MEGABYTE, true)!, begin(3 * MEGABYTE, true)!]
    let receivedLength = 0
    while (staged.every((value) => value.copyIn(key, CHUNK_LENGTH))) receivedLength += 2 * CHUNK_LENGTH
    expect(receivedLength).to.be.within(MEMORY_LENGTH / 4, MEMORY_LENGTH / 2)
    for (const value of staged) value.discard()
    expect(beginAll(MEMORY_LENGTH / 2 - ROUNDING_LENGTH_MAX)).to.equal(1)
  })
})
