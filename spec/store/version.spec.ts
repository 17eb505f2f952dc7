import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { VERSION_MAX } from '../../lib/store/item/item.js'
import { RwLock } from '../../lib/store/lock/rw-lock.js'
import { Versions } from '../../lib/store/version.js'

/** The views of this many workers of versions. */
function versionsOf(workerCount: number): Versions[] {
  const arena = Arena.create(1024 * 1024, workerCount)
  const views = [...Array(workerCount).keys()].map((worker) =>
    worker === 0 ? arena : Arena.attach(arena.memory, { worker, workerCount }),
  )
  return views.map((view) => new Versions(view, new RwLock(view)))
}

describe('Versions', () => {
  it('of one worker follow each other, whatever the key', () => {
    const [versions] = versionsOf(1)
    expect([5, 5, 7, 0].map((stripe) => versions!.next(stripe))).deep.equal([1, 2, 3, 4])
    expect([versions!.latest, versions!.latestOfEach]).deep.equal([4, [4]])
  })

  for (const [workerCount, step] of [
    [2, 2],
    [3, 4],
  ] as const)
    it(`of ${workerCount} workers are never the same, and rise for each key`, () => {
      const workers = versionsOf(workerCount)
      const seen = new Set<number>()
      let count = 0
      for (let round = 0; round < 5; round++)
        for (const [worker, versions] of workers.entries())
          for (const stripe of [3, worker]) {
            const latest = versions.next(stripe)
            expect(latest % step).equal(worker)
            seen.add(latest)
            count++
            const again = workers[(worker + 1) % workerCount]!.next(stripe)
            expect(again)
              .above(latest)
              .at.most(latest + 2 * step * count)
            seen.add(again)
            count++
          }
      expect(seen.size).equal(count)
      expect(seen.has(0)).equal(false)
      expect(workers[0]!.latest).equal(Math.max(...seen))
      expect(Math.max(...workers[1]!.latestOfEach)).equal(Math.max(...seen))
    })

  it('do not rise if nothing has been changed', () => {
    const [one, other] = versionsOf(2)
    expect([one!.next(9), other!.next(8), one!.next(9)]).deep.equal([2, 3, 4])
    expect([one!.latestOfEach, other!.latest]).deep.equal([[4, 3], 4])
  })

  it('are above those that were used before a restart, for every worker', () => {
    const workers = versionsOf(2)
    workers[1]!.raise(1000)
    expect(workers.map((versions, stripe) => versions.next(stripe))).deep.equal([1002, 1003])
    workers[0]!.raise(500)
    expect(workers[0]!.next(2)).equal(1004)
  })

  it('are above a boundary, which never falls', () => {
    const [one, other] = versionsOf(2)
    expect(one!.boundary).equal(0)
    for (let count = 0; count < 5; count++) one!.next(1)
    other!.drawBoundary()
    expect([one!.boundary, one!.latest]).deep.equal([10, 10])
    expect(other!.next(200)).equal(13)
    one!.raiseBoundary(7)
    expect(one!.boundary).equal(10)
    one!.raiseBoundary(70)
    expect([one!.boundary, one!.latest, other!.next(201)]).deep.equal([70, 70, 73])
  })

  it('are above one that was taken for all, in every worker that has seen it', () => {
    const [one, other] = versionsOf(2)
    one!.next(1)
    expect(other!.nextOfAll()).equal(3)
    expect(other!.latestOfEach).deep.equal([2, 3])
    expect([other!.next(1), one!.next(1)]).deep.equal([5, 6])
  })

  it('are exact numbers: the last one is refused', () => {
    const [versions] = versionsOf(1)
    versions!.raise(VERSION_MAX - 2)
    expect(versions!.next(1)).equal(VERSION_MAX - 1)
    expect(() => versions!.next(1)).throw(RangeError)
  })
})
