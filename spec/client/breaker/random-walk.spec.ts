import { expect } from 'chai'
import { CircuitBreaker } from '../../../lib/client/breaker/circuit-breaker.js'
import { consecutiveFailures, eitherOf, failureShare } from '../../../lib/client/breaker/failures.js'
import { ClientError } from '../../../lib/client/client-error.js'
import { Random } from '../../support/random.js'
import { NaiveBreaker, type NaiveOptions } from './naive-breaker.js'

const WALK_COUNT = 100
const STEP_COUNT = 500
const OUTCOMES = ['success', 'failure', 'neither'] as const
const FAILURE = new ClientError('TIMEOUT', '')
const NEITHER = new ClientError('ABORTED', '')

interface Pending {
  readonly generation: number
}

describe('A circuit breaker on a random walk', () => {
  it('does what a naive model does, in all states', () => {
    const random = new Random()
    const seen = new Map<string, number>()
    for (let walk = 0; walk < WALK_COUNT; walk++) walkOnce(random, seen, `seed ${random.seed}, walk ${walk}`)
    // Each state was entered, and late outcomes of calls from before came in each.
    for (const state of ['closed', 'open', 'half-open'])
      expect(seen.get(`${state}, late`) ?? 0, `${state} of seed ${random.seed}`).above(0)
  })
})

function walkOnce(random: Random, seen: Map<string, number>, where: string): void {
  const options: NaiveOptions = {
    tripWhen: eitherOf(consecutiveFailures(1 + random.below(6)), failureShare(0.5, 4 + random.below(10))),
    windowMs: 10 * (1 + random.below(20)),
    openMs: 1 + random.below(50),
    openGrowth: random.pick([1, 2, 3]),
    openMsMax: 100 + random.below(100),
    trials: 1 + random.below(4),
  }
  let nowMs = random.below(1000)
  const breaker = new CircuitBreaker({ ...options, now: () => nowMs })
  const model = new NaiveBreaker(options)
  const pending: Pending[] = []
  const failing = random.below(60) / 100
  for (let step = 0; step < STEP_COUNT; step++) {
    const at = `${where}, step ${step}`
    if (random.chance(0.3)) nowMs += random.below(30)
    if (random.chance(0.5)) {
      const { isUsable } = breaker
      expect(breaker.state, at).equal(model.state)
      const may = breaker.mayCall()
      expect(may, at).equal(model.mayCall(nowMs))
      expect(isUsable, at).equal(may)
      // Some outcomes are never reported.
      if (may && random.chance(0.9)) pending.push({ generation: breaker.generation })
    } else if (pending.length > 0) {
      const [{ generation }] = pending.splice(random.below(pending.length), 1) as [Pending]
      const outcome = random.chance(failing) ? 'failure' : random.pick(OUTCOMES)
      if (generation !== breaker.generation) {
        const late = `${breaker.state}, late`
        seen.set(late, (seen.get(late) ?? 0) + 1)
      }
      if (outcome === 'success') breaker.onSuccess(generation)
      else breaker.onFailure(outcome === 'failure' ? FAILURE : NEITHER, generation)
      model.report(outcome, generation, nowMs)
    }
    expect(breaker.state, at).equal(model.state)
    expect(breaker.generation, at).equal(model.generation)
    expect(breaker.counts, at).deep.equal(model.counts(nowMs))
  }
}
