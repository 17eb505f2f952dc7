import { expect } from 'chai'
import { SnapshotSchedule } from '../../lib/journal/snapshot-schedule.js'
import { KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const INTERVAL = 60

async function schedule(interval: number, wasClockAhead = false) {
  const { driver, keeper } = await KeptStore.open(new MemoryDisk())
  const self = new SnapshotSchedule(driver.store, interval, { ...keeper.recovered, wasClockAhead })
  return { driver, self, succeed: () => self.succeeded(driver.store.latestVersion) }
}

describe('A snapshot is due', () => {
  it('after the interval, if something was changed since the last one', async () => {
    const { driver, self, succeed } = await schedule(INTERVAL)
    driver.advance(INTERVAL)
    expect(self.isDue(false), 'nothing was changed').to.equal(false)
    for (let round = 0; round < 2; round++) {
      driver.set('key', Buffer.from('value'))
      succeed()
      driver.advance(INTERVAL)
      expect(self.isDue(false), 'nothing was changed since').to.equal(false)
      driver.set('key', Buffer.from('value'))
      expect(self.isDue(false)).to.equal(true)
      succeed()
      driver.set('key', Buffer.from('value'))
      driver.advance(INTERVAL - 1)
      expect(self.isDue(false), 'too soon').to.equal(false)
      driver.advance(1)
      expect(self.isDue(false)).to.equal(true)
    }
  })

  it('after the interval, if a start has read journals', async () => {
    const disk = new MemoryDisk()
    await KeptStore.open(disk)
    const { driver, keeper } = await KeptStore.open(disk.afterKill())
    const self = new SnapshotSchedule(driver.store, INTERVAL, keeper.recovered)
    expect(self.isDue(false)).to.equal(false)
    driver.advance(INTERVAL)
    expect(self.isDue(false)).to.equal(true)
  })

  it('only when it is needed, if there is no interval', async () => {
    const { driver, self } = await schedule(0)
    driver.set('key', Buffer.from('value'))
    driver.advance(1_000_000)
    expect([self.isDue(false), self.isDue(true)]).to.deep.equal([false, true])
  })

  it('once if the clock of an earlier server was ahead', async () => {
    const { self, succeed } = await schedule(0, true)
    expect(self.isDue(false)).to.equal(true)
    succeed()
    expect(self.isDue(false)).to.equal(false)
  })

  it('after a pause if the last attempt failed: twice as long each time, up to a minute, until one succeeds', async () => {
    const { driver, self, succeed } = await schedule(0)
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(self.failed()).to.equal(seconds)
      driver.advance(seconds - 1)
      expect([self.isRetrying, self.isDue(true)]).to.deep.equal([true, false])
      driver.advance(1)
      expect(self.isDue(false)).to.equal(true)
    }
    self.failed()
    succeed()
    expect([self.isRetrying, self.isDue(false)]).to.deep.equal([false, false])
    driver.advance(60)
    expect(self.failed()).to.equal(1)
    self.endPause()
    expect([self.isRetrying, self.isDue(true)]).to.deep.equal([false, true])
  })
})
