import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Clock } from '../../lib/store/clock.js'

const secondsNow = (): number => Math.floor(Date.now() / 1000)

/** The views that two workers have of one clock; the second comes later. */
function clocks(meanwhile = (_first: Clock): void => undefined): [Clock, Clock] {
  const arena = Arena.create(Clock.regionLength(), 2)
  const first = new Clock(arena)
  meanwhile(first)
  return [first, new Clock(Arena.attach(arena.memory, { worker: 1, workerCount: 2 }))]
}

describe('The clock', () => {
  it('tells the seconds since 1970, as soon as there is one', () => {
    const before = secondsNow()
    const { now, started, uptime } = new Clock(Arena.create(Clock.regionLength()))
    expect(now).within(before - 1, secondsNow() + 1)
    expect(started).equal(now)
    expect(uptime).equal(0)
  })

  it('tells the same to every worker, since when it was started, too', () => {
    const [first, second] = clocks((clock) => clock.advance(1000))
    first.refresh()
    expect(second.now - first.now).within(0, 1)
    expect(second.started).equal(first.started)
    expect(second.uptime).within(1000, 1001)
  })

  it('is moved on for all', () => {
    const [first, second] = clocks()
    const { now } = second
    second.advance(100)
    second.advance(50)
    expect(second.now - now).within(150, 151)
    first.refresh()
    expect(first.now - second.now).within(0, 1)
    expect(first.uptime).within(150, 152)
  })

  it('shows another time until it is looked at again', () => {
    const [clock] = clocks()
    const { now } = clock
    clock.showTime(1000)
    expect(clock.now).equal(1000)
    clock.refresh()
    expect(clock.now - now).within(0, 1)
  })

  it('goes on steadily when the time of the machine is set, for a worker that comes later, too', () => {
    const { now: real } = Date
    let before = 0
    try {
      const [first, second] = clocks((clock) => {
        before = clock.now
        Date.now = () => real() + 1_000_000
      })
      first.refresh()
      expect(first.now - before).within(0, 1)
      expect(second.now - before).within(0, 1)
    } finally {
      Date.now = real
    }
  })
})
