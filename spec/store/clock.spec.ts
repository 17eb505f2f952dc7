import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Clock } from '../../lib/store/time/clock.js'

const secondsNow = (): number => Math.floor(Date.now() / 1000)

/** The views that two workers have of one clock; the second comes later. */
function clocks(meanwhile = (_first: Clock): void => undefined): [Clock, Clock] {
  const arena = Arena.create(Clock.regionLength(), 2)
  const first = new Clock(arena)
  meanwhile(first)
  return [first, new Clock(Arena.attach(arena.memory, { worker: 1, workerCount: 2 }))]
}

describe('The clock', () => {
  it('returns the seconds since 1970, as soon as it exists', () => {
    const before = secondsNow()
    const { now, started, uptime } = new Clock(Arena.create(Clock.regionLength()))
    expect(now).within(before - 1, secondsNow() + 1)
    expect(started).equal(now)
    expect(uptime).equal(0)
  })

  it('returns the same to every worker, also the time since its start', () => {
    const [first, second] = clocks((clock) => clock.advance(1000))
    first.refresh()
    expect(second.now - first.now).within(0, 1)
    expect(second.started).equal(first.started)
    expect(second.uptime).within(1000, 1001)
  })

  it('is advanced for all workers', () => {
    const [first, second] = clocks()
    const { now } = second
    second.advance(100_000)
    second.advance(50_000)
    expect(second.now - now).within(150_000, 150_001)
    first.refresh()
    expect(first.now - second.now).within(0, 1)
    expect(first.uptime).within(150_000, 150_002)
  })

  it('returns the same in a thread that starts a day later, whose own time begins then', () => {
    const [{ bigint }, { now: threadNow }] = [process.hrtime, performance]
    let before = 0
    try {
      // This thread has lived for an hour when it makes the first clock.
      performance.now = () => threadNow.call(performance) + 3_600_000
      const [, second] = clocks((clock) => {
        before = clock.now
        expect(before).within(secondsNow() - 1, secondsNow() + 1)
        performance.now = () => threadNow.call(performance)
        process.hrtime.bigint = () => bigint() + 86_400_000_000_000n
      })
      expect(second.now - before).within(86_400, 86_401)
    } finally {
      performance.now = threadNow
      process.hrtime.bigint = bigint
    }
  })

  it('writes only to its own region', () => {
    const arena = Arena.create(Clock.regionLength() + 16_384)
    const clock = new Clock(arena)
    const { now } = clock
    const start = arena.reserve(16_000)
    arena.bytes.fill(0xff, start, start + 16_000)
    clock.advance(10)
    expect(clock.now - now).within(10, 11)
    expect(clock.uptime).within(10, 11)
    expect(arena.bytes.subarray(start, start + 16_000).every((byte) => byte === 0xff)).equal(true)
  })

  it('returns the same time until it is refreshed', () => {
    const [clock] = clocks()
    const { now } = clock
    clock.showTime(1000)
    expect(clock.now).equal(1000)
    clock.refresh()
    expect(clock.now - now).within(0, 1)
  })

  it("runs steadily when the machine's time is set, also for a worker that starts later", () => {
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
