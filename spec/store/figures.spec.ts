import { expect } from 'chai'
import { Figures } from '../../lib/store/figures.js'
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

  it('have the time of the oldest segment of all', () => {
    const { now } = one.clock
    expect(new Figures([one.store, other.store]).oldestTime(now + 100)).to.equal(
      Math.min(one.store.figures.oldestTime(now), other.store.figures.oldestTime(now)),
    )
    expect(new Figures([new EngineDriver(1024 * 1024).store]).oldestTime(7)).to.equal(7)
  })
})
