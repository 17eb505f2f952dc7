import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Random } from '../../support/random.js'
import { type ChaosOutcome, runChaos } from './chaos.js'
import { FAULTS } from './faults.js'
import { Judge } from './judge.js'
import { KeyHistory } from './key-history.js'
import { counterIn, markedValue } from './marked-value.js'

const CALL_COUNT = 15_000

/** `npm run chaos` makes millions of calls. */
describe('A client behind proxies that delay, cut, drop and lie, with servers that die and return,', () => {
  let outcome: ChaosOutcome
  const unhandled: unknown[] = []
  const keep = (reason: unknown) => unhandled.push(reason)
  before(async function () {
    this.timeout(180_000)
    const { seed } = new Random()
    console.log(`      seed ${seed}`)
    process.on('unhandledRejection', keep)
    outcome = await runChaos({ callCount: CALL_COUNT, seed })
  })
  after(() => process.off('unhandledRejection', keep))

  it('returns nothing that was not set, and loses nothing that was stored', () => {
    expect(outcome.judge.findings).deep.equal([])
    expect(outcome.judge.wrongCount).equal(0)
    // On a busy machine most calls reach their deadlines.
    expect(outcome.judge.outcomes.get('ok')).greaterThan(CALL_COUNT / 100)
  })

  it('settles each call, soon after its deadline', () => {
    expect(outcome.judge.lateCount).equal(0)
    expect(outcome.judge.settledCount).equal(outcome.judge.callCount)
    expect(unhandled).deep.equal([])
  })

  it('works again when nothing disturbs it any more', () => {
    expect(outcome.unrecovered).deep.equal([])
  })

  it('was disturbed', () => {
    expect(outcome.faults.size).greaterThan(Object.keys(FAULTS).length / 2)
  })
})

describe('the judge of chaos runs', () => {
  it('knows a value by its key and its counter, and to the byte', () => {
    for (const counter of [1, 2, 3, 97]) {
      const value = markedValue('a', counter)
      expect(counterIn(value, 'a')).equal(counter)
      expect(counterIn(value, 'b')).equal(-1)
    }
    expect(counterIn(`${markedValue('a', 3)}x`, 'a')).equal(-1)
    expect(counterIn('42', 'a')).equal(-1)
    expect(counterIn(undefined, 'a')).equal(-1)
  })

  it('finds values that are older than what is stored, values that were never set, and lost ones', () => {
    const history = new KeyHistory('a')
    history.lastCounter = 4
    history.changed(2, 0)
    history.maybeChanged(3)
    expect(history.read(2, 0)).equal(undefined)
    expect(history.read(3, 0)).equal(undefined)
    expect(history.read(2, 0)).contain('older')
    expect(history.read(5, 0)).contain('never set')
    expect(history.missed(0, 0)).contain('no item')
    expect(history.missed(0, 1)).equal(undefined)
  })

  describe('of a call', () => {
    const realNow = performance.now
    afterEach(() => {
      performance.now = realNow
    })

    /** Watches a call with a deadline of 100 ms while the clock shows one of these times after the other. */
    async function lateCountAt(...timesMs: number[]): Promise<number> {
      performance.now = () => (timesMs.length > 1 ? timesMs.shift()! : timesMs[0]!)
      const judge = new Judge()
      judge.loop.stop()
      const times = { timeoutMs: 100, abortMs: Number.POSITIVE_INFINITY }
      await judge.watch('get', times, false, async () => {
        // As the client does for its deadline.
        performance.now()
      })
      return judge.lateCount
    }

    const START_MS = 1000
    const BEGIN_MS = 1004
    const END_MS = BEGIN_MS + 100

    it('does not take for the client what this process did not run', async () => {
      expect(await lateCountAt(START_MS, BEGIN_MS, BEGIN_MS, END_MS + 500)).equal(0)
    })

    it('nor what it did not run just after it has looked at the clock', async () => {
      expect(await lateCountAt(START_MS, BEGIN_MS, BEGIN_MS + 500, END_MS + 500)).equal(0)
      expect(await lateCountAt(START_MS, BEGIN_MS, BEGIN_MS, END_MS, END_MS + 500)).equal(0)
    })

    it('finds one that is late although the process ran', async () => {
      const judge = new Judge()
      const times = { timeoutMs: 1, abortMs: Number.POSITIVE_INFINITY }
      await judge.watch('get', times, false, async () => {
        const ranMs = () => performance.now() - judge.loop.totalAt(performance.now())
        const beginMs = ranMs()
        while (ranMs() - beginMs < 200) await sleep(5)
      })
      judge.loop.stop()
      expect(judge.lateCount).equal(1)
    })
  })
})
