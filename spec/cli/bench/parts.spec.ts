/** What `keepcached bench` draws keys from, and when its requests start. */
import { expect } from 'chai'
import type { LoadPlan } from '../../../lib/cli/bench/load-plan.js'
import { Outcome } from '../../../lib/cli/bench/outcome.js'
import { Random } from '../../../lib/cli/bench/random.js'
import { jsonReport, peopleReport } from '../../../lib/cli/bench/report.js'
import { FillRequests } from '../../../lib/cli/bench/requests.js'
import { ClosedLoop, FixedRate, NOT_YET, OVER } from '../../../lib/cli/bench/schedule.js'
import { Zipf } from '../../../lib/cli/bench/zipf.js'
import { RequestMessage } from '../../../lib/protocol/client/request-message.js'

describe('the keys of bench', () => {
  it('are the same ones for a seed', () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed)
      return Array.from({ length: 5 }, () => random.next())
    }
    expect(draw(7)).to.deep.equal(draw(7)).and.not.deep.equal(draw(8))
  })

  it('are drawn evenly from numbers of at least 0 and below 1', () => {
    const random = new Random(1)
    const counts = new Array(10).fill(0)
    for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(random.next() * 10)]++
    expect(counts).to.have.length(10)
    for (const count of counts) expect(count).to.be.within(9500, 10_500)
  })

  for (const exponent of [0.5, 0.99, 1, 1.3])
    it(`have ranks by Zipf's law with the exponent ${exponent}`, () => {
      const rankMax = 1000
      const drawCount = 200_000
      const zipf = new Zipf(rankMax, exponent)
      const random = new Random(3)
      const counts = new Float64Array(rankMax + 1)
      for (let draw = 0; draw < drawCount; draw++) counts[zipf.draw(random)]!++
      let sum = 0
      for (let rank = 1; rank <= rankMax; rank++) sum += rank ** -exponent
      expect(counts[0]).to.equal(0)
      for (const rank of [1, 2, 3, 5, 10]) {
        const expected = (drawCount * rank ** -exponent) / sum
        // Five standard deviations.
        expect(counts[rank]! - expected, `rank ${rank}`).to.be.within(
          -5 * Math.sqrt(expected),
          5 * Math.sqrt(expected),
        )
      }
      expect(counts.slice(500).some((count) => count > 0)).to.equal(true)
    })

  it('have one rank if there is one key', () => {
    expect(new Zipf(1, 0.99).draw(new Random(1))).to.equal(1)
  })
})

describe('the requests of bench', () => {
  it('start at once, until the time or the count is over', () => {
    const timed = new ClosedLoop(100, Number.POSITIVE_INFINITY)
    expect([timed.take(50), timed.take(99), timed.take(100)]).to.deep.equal([50, 99, OVER])
    expect([timed.isOver(99), timed.isOver(100), timed.leftCount()]).to.deep.equal([false, true, 0])
    const counted = new ClosedLoop(Number.POSITIVE_INFINITY, 2)
    expect([counted.take(1), counted.leftCount(), counted.take(2), counted.take(3)]).to.deep.equal([
      1,
      1,
      2,
      OVER,
    ])
  })

  it('expire after so many seconds, also beyond 30 days', () => {
    const expiryFor = (ttlSeconds: number): number => {
      const request = new RequestMessage()
      new FillRequests({ ttlSeconds, lengthMin: 1, lengthMax: 1, prefix: 'bench:' } as LoadPlan).write(
        request,
      )
      return request.expiry
    }
    const days = (count: number): number => count * 86_400
    expect([expiryFor(0), expiryFor(60), expiryFor(days(30))]).to.deep.equal([0, 60, days(30)])
    const beforeSeconds = Math.floor(Date.now() / 1000)
    expect(expiryFor(days(31)) - beforeSeconds - days(31)).to.be.within(0, 60)
  })

  it('start at a fixed rate, and count from when they were due', () => {
    const schedule = new FixedRate(1000, { rate: 100, count: 4, patienceMs: 50 })
    expect(schedule.endMs).to.equal(1040)
    expect(schedule.take(1000)).to.equal(1000)
    expect(schedule.take(1009)).to.equal(NOT_YET)
    expect(schedule.nextMs).to.equal(1010)
    // Late, because there was no place.
    expect([schedule.take(1035), schedule.take(1035)]).to.deep.equal([1010, 1020])
    expect(schedule.leftCount()).to.equal(1)
    expect([schedule.leftWaits(1029), schedule.leftWaits(1034)]).to.deep.equal([
      { count: 0, longestMs: 0, stepMs: 0 },
      { count: 1, longestMs: 4, stepMs: 10 },
    ])
    const early = new FixedRate(1000, { rate: 100, count: 50, patienceMs: 50 })
    expect(early.leftWaits(1021)).to.deep.equal({ count: 3, longestMs: 21, stepMs: 10 })
    expect([schedule.isOver(1090), schedule.isOver(1091), schedule.take(1091)]).to.deep.equal([
      false,
      true,
      OVER,
    ])
  })
})

describe('the outcome of bench', () => {
  it('adds up over rounds', () => {
    const total = new Outcome()
    for (const ms of [1, 3]) {
      const outcome = new Outcome()
      outcome.countReply(true, true, ms)
      outcome.countReply(true, false, ms)
      outcome.countReply(false, false, 10 * ms)
      outcome.countError('TIMEOUT', 'no reply')
      outcome.unsent = 2
      outcome.seconds = 0.5
      total.add(outcome)
    }
    expect(total).to.deep.include({ hits: 2, misses: 2, unsent: 4, seconds: 1, requests: 6, failures: 6 })
    expect(total.all().count).to.equal(6)
    expect(total.gets.max / 1e6).to.be.closeTo(3, 0.01)
    expect(total.sets.percentile(50) / 1e6).to.be.closeTo(10, 0.1)
  })
})

describe('the waits of requests that were never sent', () => {
  it('count among the latencies of gets and sets, by their share', () => {
    const outcome = new Outcome()
    outcome.countWaits({ count: 1000, longestMs: 1000, stepMs: 1 }, 0.75)
    expect([outcome.gets.count, outcome.sets.count, outcome.requests]).to.deep.equal([750, 250, 0])
    for (const latencies of [outcome.gets, outcome.sets]) {
      expect(latencies.max / 1e6).to.be.closeTo(1000, 1)
      expect(latencies.percentile(50) / 1e6).to.be.closeTo(500, 5)
      expect(latencies.min / 1e6).to.be.below(5)
    }
    const onlyGets = new Outcome()
    onlyGets.countWaits({ count: 3, longestMs: 3, stepMs: 1 }, 1)
    expect([onlyGets.gets.count, onlyGets.sets.count]).to.deep.equal([3, 0])
  })

  it('count also if there are more than can be counted one by one', () => {
    const outcome = new Outcome()
    outcome.countWaits({ count: 1_000_000_001, longestMs: 1000, stepMs: 1e-6 }, 1)
    expect(outcome.gets.count).to.equal(1_000_000_001)
    expect(outcome.gets.max / 1e6).to.be.closeTo(1000, 1)
    expect(outcome.gets.percentile(90) / 1e6).to.be.closeTo(900, 1)
    expect(outcome.gets.mean / 1e6).to.be.closeTo(500, 1)
  })
})

describe('the comparison of bench', () => {
  /** A round with replies so many times as slow as a millisecond, or none, and with errors. */
  const roundOf = (slowness: number, errorCount = 0): Outcome => {
    const outcome = new Outcome()
    outcome.seconds = slowness
    for (let count = 0; slowness > 0 && count < 100; count++) outcome.countReply(true, true, slowness)
    for (let count = 0; count < errorCount; count++) outcome.countError('CONNECTION', 'lost')
    return outcome
  }
  const reportsOf = (first: readonly Outcome[], second: readonly Outcome[]) => {
    const servers = [
      { name: 'a', rounds: first, total: new Outcome() },
      { name: 'b', rounds: second, total: new Outcome() },
    ]
    return { json: JSON.parse(jsonReport({} as LoadPlan, servers)), text: peopleReport(servers) }
  }

  it('leaves out rounds in which a request failed, or there were none', () => {
    const { json, text } = reportsOf(
      [roundOf(1), roundOf(1), roundOf(1, 1), roundOf(0), roundOf(1)],
      [roundOf(2), roundOf(0), roundOf(9), roundOf(9), roundOf(4)],
    )
    expect(json.pairs).to.equal(2)
    expect(json.comparison['per second']).to.deep.equal({ median: 0.375, min: 0.25, max: 0.5 })
    expect(json.comparison['p50'].max).to.be.closeTo(4, 0.01)
    expect(text).to.match(
      /^b over a, 2 pairs of runs \(without 3 in which requests failed, or there were none\)$/m,
    )
    expect(text).to.match(/^per second +0\.375 +0\.250 +0\.500$/m)
  })

  it('has no ratios if no round is a pair', () => {
    const { json, text } = reportsOf([roundOf(0)], [roundOf(0)])
    expect(json).to.deep.include({ pairs: 0, comparison: { 'per second': null, p50: null, p99: null } })
    expect(text).to.match(/^per second +- +- +-\np50 +- +- +-\np99 +- +- +-$/m)
  })
})
