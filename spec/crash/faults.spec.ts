/** Whatever goes wrong at the n-th call, for every n. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Status } from '../../lib/request/status.js'
import { KeptStore } from '../support/kept-store.js'
import { type Fault, MemoryDisk } from '../support/memory-disk.js'
import { Random } from '../support/random.js'
import { change, History, KEYS } from './history.js'

const STEPS = 25

/** Works on a disk that fails once, at one operation. Returns what was acknowledged: nothing else is promised. */
async function workThrough(
  disk: MemoryDisk,
  fsync: 'always' | 'everysec',
  gate: boolean,
): Promise<History | undefined> {
  const random = new Random(5)
  const history = new History()
  let kept: KeptStore
  try {
    kept = await KeptStore.open(disk, { fsync })
  } catch {
    return undefined
  }
  for (let step = 0; step < STEPS; step++) {
    if (gate && !kept.journal.isTaking) await kept.keeper.snapshot()
    if (kept.journal.isTaking) change(kept, random, step)
    history.note(disk, kept)
    if ((await kept.acknowledge()) && kept.journal.error === undefined) history.noteSafe(disk)
    if (step === 15) await kept.keeper.snapshot()
  }
  return history
}

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['EIO', { code: 'EIO' }],
  ['ENOSPC', { code: 'ENOSPC' }],
  ['EINTR', { code: 'EINTR' }],
  ['EROFS', { code: 'EROFS' }],
  ['a short write', { takes: 5 }],
  ['a write of 0 bytes', { takes: 0 }],
]

for (const fsync of ['always', 'everysec'] as const)
  for (const [name, fault] of FAULTS)
    describe(`${name} at any one call, synced ${fsync},`, function () {
      this.slow(20_000)

      it('loses nothing that was acknowledged, and the disk can be used again afterwards', async () => {
        const sound = new MemoryDisk()
        await workThrough(sound, fsync, true)
        let workedCount = 0
        for (let number = 0; number < sound.operationCount; number++) {
          const disk = new MemoryDisk()
          disk.faultAt = (current) => (current === number ? fault : undefined)
          const history = await workThrough(disk, fsync, true)
          if (history === undefined) continue
          workedCount++
          const count = disk.trace.length
          disk.faultAt = () => undefined
          const after = await KeptStore.open(disk.afterKill())
          const isAllowed = history.allows(after.contents(KEYS), count)
          expect(isAllowed, `at operation ${number}`).to.equal(true)
        }
        // Some faults keep a store from opening: then nothing can be lost.
        expect(workedCount)
          .to.be.above(0.8 * sound.operationCount)
          .and.above(40)
      })
    })

describe('A store whose disk has failed', () => {
  for (const kind of ['write', 'sync'] as const)
    it(`at a ${kind} refuses changes and answers reads, until a snapshot is whole`, async () => {
      const disk = new MemoryDisk()
      const kept = await KeptStore.open(disk, { fsync: 'always' })
      const { context } = kept.driver
      context.gate = kept.journal
      kept.setText('kept', 'value')
      expect(await kept.acknowledge()).to.equal(true)
      disk.faultAt = (_number, operation) => (operation === kind ? { code: 'EIO' } : undefined)
      kept.setText('lost', 'value')
      expect(await kept.acknowledge()).to.equal(false)
      expect(kept.driver.set('refused', Buffer.from('value'))).to.equal(Status.TEMPORARY_FAILURE)
      expect(kept.driver.remove('kept')).to.equal(Status.TEMPORARY_FAILURE)
      expect(kept.text('kept')).to.equal('value')
      expect(await kept.keeper.snapshot()).to.equal(false)
      expect(kept.driver.set('refused', Buffer.from('value'))).to.equal(Status.TEMPORARY_FAILURE)
      disk.faultAt = () => undefined
      expect(await kept.keeper.snapshot()).to.equal(true)
      expect(kept.driver.set('taken', Buffer.from('value'))).to.equal(Status.OK)
      expect(await kept.acknowledge()).to.equal(true)
      const after = await KeptStore.open(disk.afterKill())
      expect([...after.contents(['kept', 'lost', 'refused', 'taken']).keys()]).to.include.members([
        'kept',
        'taken',
      ])
      expect(after.text('refused')).to.equal(undefined)
    })

  it('recovers by itself, and logs it', async function () {
    this.slow(5000)
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    disk.faultAt = () => ({ code: 'ENOSPC' })
    kept.setText('key', 'value')
    expect(await kept.acknowledge()).to.equal(false)
    expect(kept.journal.isTaking).to.equal(false)
    await sleep(50)
    disk.faultAt = () => undefined
    for (let tries = 0; tries < 100 && !kept.journal.isTaking; tries++) {
      kept.driver.clock.now++
      await sleep(50)
    }
    expect(kept.journal.isTaking).to.equal(true)
    expect(kept.said.join('\n')).to.match(
      /the journal has failed: ENOSPC.*\n.*a snapshot is whole: changes are taken again/s,
    )
  })
})
