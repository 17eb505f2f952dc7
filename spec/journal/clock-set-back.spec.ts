import { expect } from 'chai'
import { inspect } from '../../lib/journal/directory/directory.js'
import { Chain } from '../../lib/journal/recovery/chain.js'
import { eventually } from '../support/eventually.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

describe('A clock that was set back', () => {
  it('does not bring back what had expired', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk)
    // In every bucket of the index.
    const short = Array.from({ length: 8 * before.driver.store.visits.bucketCount }, (_, index) => `${index}`)
    for (const key of short) before.setText(key, '', 10)
    before.setText('long', 'value', 10_000)
    await before.acknowledge()
    before.driver.advance(20)
    before.tick()
    await before.journal.sync()
    const kept = await KeptStore.open(disk.afterKill(), { now: before.driver.clock.now - 3600 })
    expect([...kept.contents([...short, 'long']).keys()]).to.deep.equal(['long'])
    expect(kept.keeper.recovered.wasClockAhead).to.equal(true)
    const { now } = before.driver.clock
    const other = await KeptStore.open(disk.afterKill(), { now })
    expect([...other.contents([...short, 'long']).keys()]).to.deep.equal(['long'])
    expect(other.keeper.recovered.wasClockAhead, 'they have expired by now').to.equal(false)
  })

  it('does not bring it back at a later start either: the files are soon replaced by a snapshot', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk)
    before.setText('short', 'value', 10)
    await before.acknowledge()
    before.driver.advance(20)
    before.tick()
    await before.journal.sync()
    const now = before.driver.clock.now - 3600
    const setBack = disk.afterKill()
    const kept = await KeptStore.open(setBack, { now })
    kept.setText('later', 'value')
    await kept.acknowledge()
    kept.keeper.lookSoon()
    expect(await eventually(1, async () => kept.keeper.snapshotCount)).to.equal(1)
    const next = await KeptStore.open(setBack.afterKill(), { now })
    expect([...next.contents(['short', 'later']).keys()]).to.deep.equal(['later'])
  })
})

describe('Records that are replayed after the clock was set back', () => {
  it('are not replayed at a time later than that of a later record, which may renew what had expired', async () => {
    const disk = new MemoryDisk()
    const ahead = await KeptStore.open(disk)
    ahead.setText('key', 'value')
    await ahead.acknowledge()
    const aheadTime = ahead.driver.clock.now
    const setBack = disk.afterKill()
    const kept = await KeptStore.open(setBack, { now: aheadTime - 3600 })
    kept.setText('key', 'other')
    await kept.acknowledge()
    const files = setBack.afterKill()
    const chain = new Chain(files, DIRECTORY, inspect(files, DIRECTORY).chains[0]!)
    const times: (readonly [number, number])[] = []
    while (chain.next()) times.push([chain.time, chain.earliestTime])
    expect(times).to.deep.equal([
      [aheadTime, aheadTime - 3600],
      [aheadTime - 3600, aheadTime - 3600],
    ])
  })
})

describe('A clock that was set back since a server with more workers ran', () => {
  /** A directory with an old journal of a second worker, whose clock was an hour ahead; and what the present clock shows. */
  async function afterTwoServers(act: (kept: KeptStore) => void): Promise<KeptStore> {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { workerCount: 2 })
    before.setText('one', 'value')
    before.setText('two', 'value')
    await before.acknowledge()
    const now = before.driver.clock.now - 3600
    const setBack = disk.afterKill()
    const kept = await KeptStore.open(setBack, { now })
    act(kept)
    await kept.acknowledge()
    return KeptStore.open(setBack.afterKill(), { now: now + 1 })
  }

  it('expires nothing early', async () => {
    const kept = await afterTwoServers((before) => before.setText('short', 'value', 10))
    expect(kept.contents(['one', 'two', 'short']).size).to.equal(3)
  })

  it('carries out no flush early', async () => {
    const kept = await afterTwoServers(({ driver }) => driver.flush(10))
    expect(kept.contents(['one', 'two']).size).to.equal(2)
  })
})
