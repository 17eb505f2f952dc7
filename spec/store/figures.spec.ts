import { expect } from 'chai'
import { type CountedMemory, Figures } from '../../lib/store/figures.js'
import { EngineDriver } from '../support/engine-driver.js'

describe('The figures of a store', () => {
  const [one, other] = [new EngineDriver(1024 * 1024), new EngineDriver(1024 * 1024)]

  it('are sums over its memories', () => {
    one.set('key', Buffer.alloc(100))
    for (let index = 0; index < 3; index++) other.set(`key-${index}`, Buffer.alloc(1000))
    const each = [one.store.figures, other.store.figures]
    const figures = new Figures([one.store, other.store])
    for (const name of [
      'itemCount',
      'liveLength',
      'segmentCount',
      'freeSegmentCount',
      'indexSegmentCount',
      'indexLength',
    ] as const)
      expect(figures[name], name).to.equal(each.reduce((sum, part) => sum + part[name], 0))
    expect(figures.itemCount).to.equal(4)
    expect(figures.segmentLength).to.equal(each[0]!.segmentLength)
    expect(figures.hashPower).to.equal(each[0]!.hashPower + 1)
  })

  it('tell whether one of its memories has less than a share of its segments free', () => {
    const memory = (freeCount: number, poolCount: number) =>
      ({ segments: { freeCount, poolCount } }) as unknown as CountedMemory
    const isShort = (...memories: CountedMemory[]) => new Figures(memories).isShort(1 / 8)
    expect([4, 5].map((freeCount) => isShort(memory(freeCount, 40)))).deep.equal([true, false])
    expect(isShort(memory(6, 40), memory(5, 40))).equal(false)
    expect(isShort(memory(6, 40), memory(5, 41))).equal(true)
  })

  it('have the time of the oldest segment of all', () => {
    const { now } = one.clock
    expect(new Figures([one.store, other.store]).oldestTime(now + 100)).to.equal(
      Math.min(one.store.figures.oldestTime(now), other.store.figures.oldestTime(now)),
    )
    expect(new Figures([new EngineDriver(1024 * 1024).store]).oldestTime(7)).to.equal(7)
  })
})
