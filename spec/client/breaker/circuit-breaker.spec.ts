import { expect } from 'chai'
import type { BreakerChange } from '../../../lib/client/breaker/breaker.js'
import { type BreakerOptions, CircuitBreaker } from '../../../lib/client/breaker/circuit-breaker.js'
import { consecutiveFailures, failureShare } from '../../../lib/client/breaker/failures.js'
import { ClientError, type ClientErrorCode } from '../../../lib/client/client-error.js'

const TIMEOUT = new ClientError('TIMEOUT', 'too late')
const ABORTED = new ClientError('ABORTED', 'given up')

class Kit {
  nowMs = 1000
  readonly changes: BreakerChange[] = []
  readonly breaker: CircuitBreaker

  constructor(options: BreakerOptions = {}) {
    this.breaker = new CircuitBreaker({
      tripWhen: consecutiveFailures(3),
      openMs: 1000,
      now: () => this.nowMs,
      onChange: (change) => this.changes.push(change),
      ...options,
    })
  }

  fail(count: number, error: Error = TIMEOUT): this {
    for (let left = count; left > 0; left--) {
      expect(this.breaker.mayCall()).equal(true)
      this.breaker.onFailure(error)
    }
    return this
  }

  succeed(count: number): this {
    for (let left = count; left > 0; left--) {
      expect(this.breaker.mayCall()).equal(true)
      this.breaker.onSuccess()
    }
    return this
  }

  pass(ms: number): this {
    this.nowMs += ms
    return this
  }

  get state(): string {
    return this.breaker.state
  }
}

describe('A circuit breaker', () => {
  it('opens when the rule says so, and lets no call through', () => {
    const kit = new Kit().fail(2)
    expect(kit.state).equal('closed')
    kit.fail(1)
    expect(kit.state).equal('open')
    expect(kit.breaker.mayCall()).equal(false)
    expect(kit.pass(999).breaker.mayCall()).equal(false)
  })

  it('begins to count anew after a success', () => {
    const kit = new Kit().fail(2).succeed(1).fail(2)
    expect(kit.state).equal('closed')
    expect(kit.breaker.counts).deep.equal({ requests: 5, failures: 4, consecutiveFailures: 2 })
  })

  it('opens by a share of the requests, if there were enough', () => {
    const rule = { tripWhen: failureShare(0.5, 10) }
    expect(new Kit(rule).fail(9).state).equal('closed')
    expect(new Kit(rule).succeed(5).fail(4).state).equal('closed')
    expect(new Kit(rule).succeed(5).fail(5).state).equal('open')
  })

  it('opens by default after five failures without a success, or when half of 20 requests fail', () => {
    const now = () => 0
    const breaker = new CircuitBreaker({ now })
    for (let count = 0; count < 4; count++) breaker.onFailure(TIMEOUT)
    expect(breaker.state).equal('closed')
    breaker.onFailure(TIMEOUT)
    expect(breaker.state).equal('open')
    const other = new CircuitBreaker({ now })
    for (let count = 0; count < 9; count++) {
      other.onSuccess()
      other.onFailure(TIMEOUT)
    }
    other.onSuccess()
    expect(other.state).equal('closed')
    other.onFailure(TIMEOUT)
    expect(other.state).equal('open')
  })

  it('forgets what is older than the window', () => {
    const kit = new Kit({ windowMs: 1000, tripWhen: failureShare(0.5, 4) }).fail(3)
    expect(kit.breaker.counts.failures).equal(3)
    expect(kit.pass(899).breaker.counts.failures).equal(3)
    expect(kit.pass(101).breaker.counts).deep.equal({ requests: 0, failures: 0, consecutiveFailures: 3 })
    expect(kit.fail(3).state).equal('closed')
  })

  it('lets one trial through when it was open long enough, and closes if that succeeds', () => {
    const kit = new Kit().fail(3).pass(1000)
    expect(kit.state).equal('open')
    expect(kit.breaker.mayCall()).equal(true)
    expect(kit.state).equal('half-open')
    expect(kit.breaker.mayCall()).equal(false)
    kit.breaker.onSuccess()
    expect(kit.state).equal('closed')
    expect(kit.breaker.counts).deep.equal({ requests: 0, failures: 0, consecutiveFailures: 0 })
  })

  it('lets so many trials through as its options say, and closes when all have succeeded', () => {
    const kit = new Kit({ trials: 3 }).fail(3).pass(1000)
    expect([1, 2, 3, 4].map(() => kit.breaker.mayCall())).deep.equal([true, true, true, false])
    kit.breaker.onSuccess()
    kit.breaker.onSuccess()
    expect(kit.state).equal('half-open')
    kit.breaker.onSuccess()
    expect(kit.state).equal('closed')
  })

  it('opens again for longer if a trial fails, up to a bound, and for the first time after it was closed', () => {
    const kit = new Kit({ openMsMax: 3000 }).fail(3)
    for (const openMs of [1000, 2000, 3000, 3000]) {
      expect(kit.pass(openMs - 1).breaker.mayCall(), `${openMs}`).equal(false)
      kit.pass(1).fail(1)
      expect(kit.state).equal('open')
    }
    kit.pass(3000).succeed(1).fail(3)
    expect(kit.pass(999).breaker.mayCall()).equal(false)
    expect(kit.pass(1).breaker.mayCall()).equal(true)
  })

  it('lets another call try if a trial was given up', () => {
    const kit = new Kit().fail(3).pass(1000).fail(1, ABORTED)
    expect(kit.state).equal('half-open')
    expect(kit.breaker.mayCall()).equal(true)
    expect(kit.breaker.mayCall()).equal(false)
  })

  it('lets another call try if the outcome of a trial is never reported', () => {
    const kit = new Kit().fail(3).pass(1000)
    expect(kit.breaker.mayCall()).equal(true)
    const lost = kit.breaker.generation
    expect(kit.pass(999).breaker.mayCall()).equal(false)
    expect(kit.pass(1).breaker.mayCall()).equal(true)
    kit.breaker.onSuccess(lost)
    expect(kit.state).equal('half-open')
    kit.breaker.onSuccess(kit.breaker.generation)
    expect(kit.state).equal('closed')
  })

  it('does not take the late outcome of an earlier call for that of a trial', () => {
    const kit = new Kit()
    const { generation } = kit.breaker
    kit.fail(3).pass(1000)
    kit.breaker.onSuccess(generation)
    expect(kit.breaker.mayCall()).equal(true)
    kit.breaker.onSuccess(generation)
    kit.breaker.onFailure(TIMEOUT, generation)
    kit.breaker.onFailure(ABORTED, generation)
    expect(kit.state).equal('half-open')
    expect(kit.breaker.mayCall()).equal(false)
    kit.breaker.onSuccess(kit.breaker.generation)
    expect(kit.state).equal('closed')
    kit.breaker.onFailure(TIMEOUT, generation)
    expect(kit.breaker.counts.failures).equal(0)
  })

  it('reports each change, with the counts of the state that ended and the failure that opened it', () => {
    const kit = new Kit().succeed(2).fail(3).pass(1000).succeed(1)
    expect(kit.changes).deep.equal([
      {
        from: 'closed',
        to: 'open',
        counts: { requests: 5, failures: 3, consecutiveFailures: 3 },
        error: TIMEOUT,
      },
      {
        from: 'open',
        to: 'half-open',
        counts: { requests: 0, failures: 0, consecutiveFailures: 0 },
        error: undefined,
      },
      {
        from: 'half-open',
        to: 'closed',
        counts: { requests: 1, failures: 0, consecutiveFailures: 0 },
        error: undefined,
      },
    ])
  })

  const FAILURES: readonly ClientErrorCode[] = ['TIMEOUT', 'UNREACHABLE', 'CONNECTION', 'PROTOCOL']
  const OTHERS: readonly ClientErrorCode[] = [
    ...([
      'BAD_KEY',
      'BAD_VALUE',
      'BAD_TTL',
      'BAD_OPTION',
      'ABORTED',
      'CLOSED',
      'AUTH',
      'BREAKER_OPEN',
    ] as const),
    ...(['QUEUE_FULL', 'SERVER', 'TOO_LARGE', 'NOT_A_NUMBER', 'PARTIAL'] as const),
  ]
  for (const code of FAILURES)
    it(`counts ${code} as a failure`, () => {
      expect(new Kit().fail(2, new ClientError(code, '')).breaker.counts.failures).equal(2)
    })
  for (const code of OTHERS)
    it(`does not count ${code}`, () => {
      const kit = new Kit().fail(3, new ClientError(code, ''))
      expect(kit.breaker.counts.requests).equal(0)
      expect(kit.state).equal('closed')
    })

  it('does not count errors that are not of the client', () => {
    expect(new Kit().fail(3, new Error('a mistake')).state).equal('closed')
  })

  it('counts what its option says', () => {
    const kit = new Kit({ isFailure: (error) => error === ABORTED }).fail(3, TIMEOUT)
    expect(kit.state).equal('closed')
    expect(kit.fail(3, ABORTED).state).equal('open')
  })

  const WRONG: readonly BreakerOptions[] = [
    { windowMs: 0 },
    { openMs: Number.NaN },
    { openMsMax: Number.POSITIVE_INFINITY },
    { openGrowth: 0.5 },
    { trials: 0 },
    { trials: 1.5 },
    { openMS: 5 } as BreakerOptions,
    { tripWhen: 5 } as unknown as BreakerOptions,
  ]
  for (const options of WRONG)
    it(`refuses ${Object.entries(options).flat().join(' ')}`, () => {
      expect(() => new CircuitBreaker(options))
        .throws(ClientError, `breaker.${Object.keys(options)[0]}`)
        .property('code', 'BAD_OPTION')
    })
})
