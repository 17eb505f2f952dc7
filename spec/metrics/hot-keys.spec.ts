/** Hot keys: what is sampled of many requests, over which time, and of all workers. */
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { type HOT_MEASURES, type HOT_SUBJECTS, HOT_WINDOWS } from '../../lib/metrics/hot-keys/hot-keys.js'
import { INTERVAL_MAX, Sampling } from '../../lib/metrics/hot-keys/sampling.js'
import { Insight } from '../../lib/metrics/insight.js'
import { Command } from '../../lib/request/command.js'
import { Reply } from '../../lib/request/reply.js'
import { Request } from '../../lib/request/request.js'
import { Status } from '../../lib/request/status.js'
import { zipfKeys } from '../support/key-sequences.js'
import { Random } from '../support/random.js'

const SCRATCH_LENGTH = 1024
/** A multiple of ten: a window begins here. */
const START = 2_000_000_000

/** A worker's observer, whose requests and time are made by hand. */
class Observed {
  readonly clock = { now: START, uptime: 100_000, readMs: 0, steadyMs: () => 0.01 }
  readonly insight: Insight
  readonly arena: Arena
  private readonly request = new Request()
  private readonly reply = new Reply()
  private readonly scratch: number

  constructor(
    arena = Arena.create(Insight.regionLength(1) + SCRATCH_LENGTH + 64),
    delimiter = ':',
    seed = 5,
  ) {
    const { worker, workerCount } = arena.workerSlot
    this.arena = arena
    this.insight = new Insight(arena, this.clock, delimiter, seed)
    this.scratch = arena.reserve(workerCount * SCRATCH_LENGTH) + worker * SCRATCH_LENGTH
  }

  static pair(): [Observed, Observed] {
    const first = Arena.create(Insight.regionLength(2) + 2 * SCRATCH_LENGTH + 64, 2)
    return [new Observed(first), new Observed(Arena.attach(first.memory, { worker: 1, workerCount: 2 }))]
  }

  run(command: Command, key: string, valueLength = 0, status: Status = Status.OK): void {
    const { request, reply, scratch } = this
    request.command = command
    request.keyStart = scratch
    request.keyEnd = scratch + this.arena.bytes.write(key, scratch, key.length, 'latin1')
    request.valueStart = request.keyEnd
    request.valueEnd = request.keyEnd + valueLength
    reply.status = status
    reply.valueLength = valueLength
    this.insight.note(request, reply)
  }

  get(key: string, valueLength = 0, status: Status = Status.OK): void {
    this.run(Command.GET, key, valueLength, status)
  }

  hottest(
    measure: (typeof HOT_MEASURES)[number] = 'reads',
    subject: (typeof HOT_SUBJECTS)[number] = 'keys',
    window: (typeof HOT_WINDOWS)[number] = 'start',
    countMax = 100,
  ): Record<string, number> {
    const { entries } = this.insight.hotKeys.hottest(window, measure, subject, countMax)
    return Object.fromEntries(entries.map(({ key, weight }) => [key, weight]))
  }
}

describe('hot keys', () => {
  it('count reads with misses, writes, and the bytes of values, of keys and of prefixes', () => {
    const observed = new Observed()
    observed.get('user:1', 10)
    observed.get('user:1', 10)
    observed.get('user:2', 0, Status.NOT_FOUND)
    observed.run(Command.META_GET, 'plain', 3)
    observed.run(Command.SET, 'user:1', 7)
    observed.run(Command.ADD, 'user:1', 7, Status.EXISTS)
    observed.run(Command.DELETE, 'user:3')
    observed.run(Command.INCREMENT, 'n:1')
    observed.run(Command.VERSION, 'user:1')
    observed.run(Command.META_WAIT, 'user:1', 0, Status.CONTINUE)
    expect(observed.hottest('reads', 'keys')).to.deep.equal({ 'user:1': 2, 'user:2': 1, plain: 1 })
    expect(observed.hottest('writes', 'keys')).to.deep.equal({ 'user:1': 2, 'user:3': 1, 'n:1': 1 })
    expect(observed.hottest('bytes', 'keys')).to.deep.equal({ 'user:1': 34, plain: 3 })
    expect(observed.hottest('reads', 'prefixes')).to.deep.equal({ user: 3 })
    expect(observed.hottest('writes', 'prefixes')).to.deep.equal({ user: 3, n: 1 })
    expect(observed.hottest('bytes', 'prefixes')).to.deep.equal({ user: 34 })
  })

  it('take the prefix up to the delimiter of the server', () => {
    const observed = new Observed(undefined, '/')
    for (const key of ['a/b/c', 'a/d', 'a:b', '/x']) observed.get(key)
    expect(observed.hottest('reads', 'prefixes')).to.deep.equal({ a: 2, '': 1 })
  })

  it('have the hottest first, and no more than wanted', () => {
    const observed = new Observed()
    for (let key = 1; key <= 30; key++) for (let time = 0; time < key; time++) observed.get(`k${key}`)
    const { entries, total } = observed.insight.hotKeys.hottest('start', 'reads', 'keys', 3)
    expect(entries.map(({ key, weight, error }) => [key, weight, error])).to.deep.equal([
      ['k30', 30, 0],
      ['k29', 29, 0],
      ['k28', 28, 0],
    ])
    expect(total).to.equal((30 * 31) / 2)
  })

  it('keep no key that is too long for a table', () => {
    const observed = new Observed()
    observed.get('x'.repeat(251))
    observed.get('x'.repeat(250))
    expect(observed.hottest()).to.deep.equal({ ['x'.repeat(250)]: 1 })
  })

  for (const seed of [1, 2])
    it(`have the ten hottest of a million keys among the first twelve, with zipf 1.0 (seed ${seed})`, () => {
      const observed = new Observed(undefined, ':', seed)
      const requests = { keyCount: 1_000_000, exponent: 1, requestCount: 1_500_000 }
      for (const key of zipfKeys(new Random(seed), requests)) observed.get(key)
      const { entries, total } = observed.insight.hotKeys.hottest('start', 'reads', 'keys', 12)
      const first = entries.map(({ key }) => key)
      expect(first).to.have.length(12)
      for (let rank = 0; rank < 10; rank++) expect(first).to.include(`key:${rank}`)
      // Sampled, and right on average.
      expect(total).to.be.within(1_480_000, 1_520_000)
      expect(entries[0]!.key).to.equal('key:0')
      expect(entries[0]!.weight / 1_500_000).to.be.within(0.06, 0.08)
    })

  it('count all that was requested, however it is sampled', () => {
    const observed = new Observed()
    for (let index = 0; index < 1_000_000; index++) observed.get(index % 4 === 0 ? 'a:1' : 'b:1', 10)
    for (const window of HOT_WINDOWS) {
      const reads = observed.hottest('reads', 'keys', window)
      expect(reads['a:1']).to.be.within(240_000, 260_000)
      expect(reads['b:1']).to.be.within(730_000, 770_000)
      expect(observed.hottest('bytes', 'prefixes', window)['a']).to.be.within(2_300_000, 2_700_000)
    }
  })
})

describe('windows of hot keys', () => {
  it('end now, and forget what is older', () => {
    const observed = new Observed()
    const seen = () =>
      HOT_WINDOWS.map((window) => Object.keys(observed.hottest('reads', 'keys', window)).join())
    observed.get('old')
    expect(seen()).to.deep.equal(['old', 'old', 'old'])
    observed.clock.now = START + 15
    observed.get('new')
    expect(observed.hottest('reads', 'keys', '10s')).to.deep.equal({ old: 1, new: 1 })
    observed.clock.now = START + 20
    expect(observed.hottest('reads', 'keys', '10s')).to.deep.equal({ new: 1 })
    observed.clock.now = START + 69
    expect(observed.hottest('reads', 'keys', 'minute')).to.deep.equal({ old: 1, new: 1 })
    expect(observed.hottest('reads', 'keys', '10s')).to.deep.equal({})
    observed.clock.now = START + 70
    expect(observed.hottest('reads', 'keys', 'minute')).to.deep.equal({ new: 1 })
    observed.clock.now = START + 80
    expect(observed.hottest('reads', 'keys', 'minute')).to.deep.equal({})
    expect(observed.hottest('reads', 'keys', 'start')).to.deep.equal({ old: 1, new: 1 })
  })

  it('add up their periods, in whatever order keys come', () => {
    const observed = new Observed()
    for (let second = 0; second < 60; second++) {
      observed.clock.now = START + second
      observed.get('always')
      if (second % 20 === 0) observed.get('sometimes')
    }
    expect(observed.hottest('reads', 'keys', 'minute')).to.deep.equal({ always: 60, sometimes: 3 })
    expect(observed.hottest('reads', 'keys', '10s')).to.deep.equal({ always: 20, sometimes: 1 })
  })

  it('use the place of an old period again', () => {
    const observed = new Observed()
    for (let period = 0; period < 30; period++) {
      observed.clock.now = START + period * 10
      observed.get(`k${period}`)
    }
    expect(Object.keys(observed.hottest('reads', 'keys', 'minute'))).to.have.members(
      Array.from({ length: 7 }, (_, age) => `k${29 - age}`),
    )
  })

  it('say how many seconds they show', () => {
    const { insight, clock } = new Observed()
    clock.now = START + 3
    expect(HOT_WINDOWS.map((window) => insight.hotKeys.secondsOf(window))).to.deep.equal([100_000, 63, 13])
    clock.uptime = 5
    expect(HOT_WINDOWS.map((window) => insight.hotKeys.secondsOf(window))).to.deep.equal([5, 5, 5])
    insight.reset()
    clock.now += 2
    expect(insight.hotKeys.secondsOf('start')).to.equal(2)
  })
})

describe('hot keys of two workers', () => {
  it('are added up, as each of them sees', () => {
    const [one, other] = Observed.pair()
    one.get('both')
    other.get('both')
    other.get('both')
    one.run(Command.SET, 'x:1', 9)
    other.run(Command.SET, 'x:2', 9)
    for (const observed of [one, other]) {
      for (const window of HOT_WINDOWS) {
        expect(observed.hottest('reads', 'keys', window)).to.deep.equal({ both: 3 })
        expect(observed.hottest('writes', 'prefixes', window)).to.deep.equal({ x: 2 })
      }
    }
  })

  it('have an error as large as what one of them may have forgotten', () => {
    const [one, other] = Observed.pair()
    for (let index = 0; index < 3000; index++) one.get(`one:${index % 1500}`)
    for (let time = 0; time < 10; time++) other.get('hot')
    const { entries } = other.insight.hotKeys.hottest('start', 'reads', 'keys', 3000)
    const hot = entries.find(({ key }) => key === 'hot')!
    // The first worker saw more keys than it has room for, so the other's key may have been there too.
    expect(hot.weight).to.equal(10)
    expect(hot.error).to.be.within(1, 3000 / 1024 + 1)
  })

  it('begin anew for both after a reset by one, since the start only', () => {
    const [one, other] = Observed.pair()
    for (const observed of [one, other]) observed.get('before')
    other.insight.reset()
    expect(one.hottest('reads', 'keys', 'start')).to.deep.equal({})
    one.get('after')
    for (const observed of [one, other]) {
      expect(observed.hottest('reads', 'keys', 'start')).to.deep.equal({ after: 1 })
      expect(observed.hottest('reads', 'keys', '10s')).to.deep.equal({ before: 2, after: 1 })
    }
  })
})

describe('the sampling of requests', () => {
  const SECONDS = 20

  /** How many samples each second has, at this many requests a second. */
  function samplesAt(
    requestsPerSecond: number,
    sampling = new Sampling(3),
  ): { counts: number[]; seen: number } {
    const counts: number[] = []
    let seen = 0
    let left = 1
    for (let second = 0; second < SECONDS; second++) {
      let count = 0
      for (let index = 0; index < requestsPerSecond; index++) {
        if (--left > 0) continue
        count++
        seen += sampling.interval
        sampling.countSample()
        left = sampling.distance()
      }
      counts.push(count)
      if (sampling.passSeconds(1)) left = sampling.distance()
    }
    return { counts, seen }
  }

  it('looks at each request while there are few', () => {
    expect(samplesAt(1000)).to.deep.equal({ counts: Array(SECONDS).fill(1000), seen: 1000 * SECONDS })
  })

  for (const rate of [20_000, 100_000, 200_000])
    it(`looks at a bounded number of ${rate} a second, which stand for all`, () => {
      const { counts, seen } = samplesAt(rate)
      for (const count of counts.slice(1)) expect(count).to.be.within(250, 7000)
      expect(seen / (rate * SECONDS)).to.be.within(0.97, 1.03)
    })

  it('looks at one in the longest interval while there are very many', () => {
    const { counts } = samplesAt(1_000_000)
    for (const count of counts.slice(1)) expect(count / (1_000_000 / INTERVAL_MAX)).to.be.within(0.95, 1.05)
  })

  for (const count of [1, 100])
    it(`looks at each again after quiet seconds, noted ${count} at a time`, () => {
      const sampling = new Sampling(3)
      samplesAt(1_000_000, sampling)
      expect(sampling.interval).to.equal(INTERVAL_MAX)
      for (let second = 0; second < SECONDS; second += count) sampling.passSeconds(count)
      expect(sampling.interval).to.equal(1)
      expect(sampling.distance()).to.equal(1)
    })

  it('looks at the first request after quiet seconds', () => {
    const observed = new Observed()
    for (let index = 0; index < 1_000_000; index++) observed.get('busy')
    observed.clock.now += 50
    observed.insight.beginBatch()
    observed.clock.now += 50
    observed.insight.beginBatch()
    observed.get('quiet')
    expect(observed.hottest('reads', 'keys', '10s')).to.deep.equal({ quiet: 1 })
  })
})
