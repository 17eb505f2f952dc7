/** Histograms of latency: their buckets, what they add up to over workers, and what they show. */
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { BUCKET_COUNT, bucketOf, endOfBucket } from '../../lib/metrics/latency/buckets.js'
import { Latency } from '../../lib/metrics/latency/latency.js'
import {
  commandOfSeries,
  LATENCY_COMMANDS,
  outcomeOfSeries,
  SERIES_COUNT,
  STATUS_BITS,
  seriesTable,
} from '../../lib/metrics/latency/series.js'
import { Command } from '../../lib/request/command.js'
import { Status } from '../../lib/request/status.js'
import { Random } from '../support/random.js'

const US = 0.001
const LAST = BUCKET_COUNT - 1

describe('buckets of latency', () => {
  it('have four steps for each power of two, from 1 µs to beyond 10 s', () => {
    const ends = Array.from({ length: LAST }, (_, bucket) => endOfBucket(bucket) * 1000)
    expect(ends.slice(0, 10)).to.deep.equal([1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5])
    for (let bucket = 4; bucket < LAST; bucket++) expect(ends[bucket]).to.equal(ends[bucket - 4]! * 2)
    expect(ends.at(-1)).to.be.within(10e6, 12.5e6)
    expect(endOfBucket(LAST)).to.equal(Number.POSITIVE_INFINITY)
  })

  it('have each time in the first bucket that ends behind it', () => {
    const random = new Random(17)
    const times = Array.from({ length: 10_000 }, () => 2 ** (random.below(36_000) / 1000) * US)
    const ends = Array.from({ length: LAST }, (_, bucket) => endOfBucket(bucket))
    for (const ms of [...times, ...ends]) {
      const bucket = bucketOf(ms)
      expect(endOfBucket(bucket), `${ms} ms`).to.be.above(ms)
      if (bucket > 0) expect(endOfBucket(bucket - 1), `${ms} ms`).to.be.at.most(ms)
    }
  })

  it('take what is too short, too long, or no time at all', () => {
    for (const ms of [0, -0, -5, 0.9 * US, Number.NaN]) expect(bucketOf(ms), `${ms} ms`).to.equal(0)
    for (const ms of [11_000, 1e9, 2 ** 53, Number.POSITIVE_INFINITY])
      expect(bucketOf(ms), `${ms} ms`).to.equal(LAST)
  })
})

describe('series of latency', () => {
  const table = seriesTable()
  const seriesOf = (command: Command, status: Status) => {
    const series = table[(command << STATUS_BITS) | status]!
    return `${commandOfSeries(series)} ${outcomeOfSeries(series)}`
  }

  it('are there for each command and each status', () => {
    for (const command of Object.values(Command))
      for (const status of Object.values(Status))
        expect(seriesOf(command, status)).to.match(/^[a-z]+ (?:hit|miss|exists|error)$/)
    expect(new Set(table).size).to.equal(SERIES_COUNT)
    expect(LATENCY_COMMANDS).to.have.length(13)
  })

  it('have the names of memcached', () => {
    expect(seriesOf(Command.GET, Status.OK)).to.equal('get hit')
    expect(seriesOf(Command.META_GET, Status.NOT_FOUND)).to.equal('get miss')
    expect(seriesOf(Command.SET, Status.EXISTS)).to.equal('set exists')
    expect(seriesOf(Command.APPEND, Status.NOT_STORED)).to.equal('append miss')
    expect(seriesOf(Command.SET, Status.TOO_LARGE)).to.equal('set error')
    expect(seriesOf(Command.INCREMENT, Status.NOT_A_NUMBER)).to.equal('incr error')
    expect(seriesOf(Command.VERSION, Status.OK)).to.equal('other hit')
  })
})

describe('Latency', () => {
  const GET_HIT = 0
  const GET_MISS = 1

  function pair(): [Latency, Latency] {
    const first = Arena.create(Latency.regionLength(2), 2)
    const second = Arena.attach(first.memory, { worker: 1, workerCount: 2 })
    return [new Latency(first), new Latency(second)]
  }

  it('gives each request of a batch the time of the batch', () => {
    const [latency] = pair()
    for (const series of [GET_HIT, GET_MISS, GET_HIT, GET_HIT]) latency.note(series)
    expect(latency.isPending).to.equal(true)
    latency.record(0.006)
    expect(latency.isPending).to.equal(false)
    latency.note(GET_HIT)
    latency.record(0.3)
    const [hits, misses, ...others] = latency.figures()
    expect(others).to.deep.equal([])
    expect(hits).to.include({ command: 'get', outcome: 'hit', count: 4 })
    expect(hits!.sumMs).to.be.closeTo(0.318, 1e-9)
    expect(hits!.meanMs).to.be.closeTo(0.0795, 1e-9)
    expect(misses).to.include({ command: 'get', outcome: 'miss', count: 1 })
    expect(hits!.countBelow(0.004)).to.equal(0)
    expect(hits!.countBelow(0.016)).to.equal(3)
    expect(hits!.countBelow(1)).to.equal(4)
  })

  it('adds up over workers, which see the same', () => {
    const workers = pair()
    for (const [worker, latency] of workers.entries()) {
      latency.note(GET_HIT)
      latency.record(worker === 0 ? 0.01 : 100)
    }
    for (const latency of workers) {
      const [hits] = latency.figures()
      expect(hits!.count).to.equal(2)
      expect(hits!.sumMs).to.be.closeTo(100.01, 1e-6)
    }
  })

  it('shows a time that was not exceeded by a share, at most a quarter too high', () => {
    const [latency] = pair()
    for (let us = 1; us <= 1000; us++) {
      latency.note(GET_HIT)
      latency.record(us * US)
    }
    const [hits] = latency.figures()
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exactMs = Math.ceil(share * 1000) * US
      expect(hits!.quantileMs(share), `${share}`).to.be.within(exactMs, exactMs * 1.25 + 1e-9)
    }
  })

  it('shows more than ten seconds as where the last step ends', () => {
    const [latency] = pair()
    latency.note(GET_HIT)
    latency.record(60_000)
    const [hits] = latency.figures()
    expect(hits!.buckets.at(-1)).to.equal(1)
    expect(hits!.quantileMs(1)).to.equal(endOfBucket(LAST - 1))
  })

  it('counts a time below zero as none: a program may have replaced its clock', () => {
    const [latency] = pair()
    latency.note(GET_HIT)
    latency.record(-3)
    latency.note(GET_HIT)
    latency.record(5)
    expect(latency.figures()[0]!).to.include({ count: 2, sumMs: 5 })
  })

  it('begins anew after a reset by any worker', () => {
    const [one, other] = pair()
    one.note(GET_HIT)
    one.record(5)
    other.reset()
    for (const latency of [one, other]) expect(latency.figures()).to.deep.equal([])
    one.note(GET_MISS)
    one.record(1)
    expect(other.figures().map(({ outcome, count, sumMs }) => [outcome, count, sumMs])).to.deep.equal([
      ['miss', 1, 1],
    ])
  })
})
