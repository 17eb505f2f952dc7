import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { WindowPool } from '../../lib/arena/window.js'
import { Backlog } from '../../lib/server/connection/input/backlog.js'
import { pattern } from '../support/pattern.js'

const WINDOW_LENGTH = 4096

describe('A backlog', () => {
  const arena = Arena.create(64 * WINDOW_LENGTH)
  const source = arena.reserve(10 * WINDOW_LENGTH)
  const target = arena.reserve(WINDOW_LENGTH)
  const pool = new WindowPool(arena, WINDOW_LENGTH, 12)
  const bytes = pattern(5 * WINDOW_LENGTH)
  arena.bytes.set(bytes, source)

  function takeAll(backlog: Backlog, lengthMax: number): Buffer {
    const taken: Buffer[] = []
    while (backlog.length > 0) {
      const length = backlog.take(arena, target, lengthMax)
      taken.push(Buffer.from(arena.view(target, target + length)))
    }
    return Buffer.concat(taken)
  }

  it('returns what was put into it, in order, and all of its windows', () => {
    const [first, second] = [new Backlog(pool), new Backlog(pool)]
    expect(first.add(arena, source, source + 5000)).equal(true)
    expect(first.add(arena, source + 5000, source + 6000)).equal(true)
    expect(second.add(arena, source + 6000, source + 9000)).equal(true)
    first.append(second)
    expect([first.length, second.length, second.windowCount]).deep.equal([9000, 0, 0])
    expect(takeAll(first, 777).equals(bytes.subarray(0, 9000))).equal(true)
    expect(pool.takenCount).equal(0)
  })

  it('takes no window that other connections may need', () => {
    const backlog = new Backlog(pool)
    let count = 0
    while (backlog.add(arena, source, source + WINDOW_LENGTH)) count++
    expect(count).within(6, 7)
    expect(pool.windowCount - pool.takenCount).greaterThan(4)
    backlog.release()
    expect(pool.takenCount).equal(0)
  })

  it('is not refused a window because another worker has used its own', () => {
    const shared = Arena.create(64 * WINDOW_LENGTH, 2)
    const views = [shared, Arena.attach(shared.memory, { worker: 1, workerCount: 2 })]
    const lengths = views.map((view) => {
      const start = view.reserve(WINDOW_LENGTH)
      const backlog = new Backlog(new WindowPool(view, WINDOW_LENGTH, 12))
      while (backlog.add(view, start, start + WINDOW_LENGTH));
      return backlog.length
    })
    expect(lengths).deep.equal([7 * WINDOW_LENGTH, 7 * WINDOW_LENGTH])
  })
})
