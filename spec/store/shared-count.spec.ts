import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { SharedCount } from '../../lib/store/lock/shared-count.js'

const STEP = 10

/** The views of this many workers of a count. */
function countsOf(workerCount: number): SharedCount[] {
  const arena = Arena.create(65536, workerCount)
  return [...Array(workerCount).keys()].map((worker) => {
    const view = worker === 0 ? arena : Arena.attach(arena.memory, { worker, workerCount })
    return new SharedCount(view, STEP)
  })
}

describe('A count that all workers change', () => {
  it('is exact for all, and the rough count is within a step for each other worker', () => {
    const [one, other] = countsOf(2)
    for (let count = 1; count < STEP; count++) {
      one!.add(1)
      expect([one!.exact, other!.exact]).deep.equal([count, count])
      expect([one!.rough, other!.rough]).deep.equal([count, 0])
    }
    one!.add(1)
    expect(other!.rough).equal(STEP)
    other!.add(3)
    expect([one!.rough, other!.rough, one!.exact]).deep.equal([STEP, STEP + 3, STEP + 3])
  })

  it('falls in the same way as it rises', () => {
    const [one, other] = countsOf(2)
    one!.add(100)
    for (let count = 1; count < STEP; count++) one!.add(-1)
    expect([one!.rough, other!.rough, other!.exact]).deep.equal([91, 100, 91])
    one!.add(-1)
    expect([one!.rough, other!.rough]).deep.equal([90, 90])
  })

  it('stays right when one worker has added more than a word holds, and the other subtracted it', () => {
    const [one, other] = countsOf(2)
    for (let round = 0; round < 2; round++) {
      one!.add(2 ** 30)
      other!.add(-(2 ** 30))
    }
    for (let count = 1; count < STEP; count++) {
      one!.add(3)
      other!.add(-2)
      expect([one!.exact, other!.exact]).deep.equal([count, count])
      for (const { rough } of [one!, other!]) expect(rough).within(count - STEP, count + STEP)
    }
  })

  it('is always exact for a single worker', () => {
    const [count] = countsOf(1)
    for (let sum = 7; sum < 700; sum += 7) {
      count!.add(7)
      expect([count!.rough, count!.exact]).deep.equal([sum, sum])
    }
  })
})
