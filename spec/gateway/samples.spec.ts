/** The comparison of what the engine has with what it was sent. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { changeOf } from '../../lib/feed/change.js'
import { itemBytes } from '../../lib/gateway/items/item-format.js'
import { Samples } from '../../lib/gateway/shadow/samples.js'
import { COUNTERS } from '../../lib/metrics/counters.js'
import { untilTrue } from '../support/redis.js'

const KEY = Buffer.from('k')
const set = (text: string, cas: bigint) =>
  changeOf('set', { keyBytes: KEY, value: Buffer.from(text), flags: 1, cas, ttl: -1 })
const bytesOf = (text: string, cas: bigint) =>
  itemBytes({ flags: 1, cas, accessTime: 1, value: Buffer.from(text) })

describe('the samples of a shadow', () => {
  const counts = new Map<string, number>()
  const counters = {
    count: (counter: number) => {
      const { name } = COUNTERS[counter]!
      counts.set(name, (counts.get(name) ?? 0) + 1)
    },
  }
  const compared = () => counts.get('gateway_shadow_compared') ?? 0
  const differences = () => counts.get('gateway_shadow_differences') ?? 0
  let samples: Samples
  beforeEach(() => {
    counts.clear()
    samples = new Samples(counters)
  })
  afterEach(() => samples.close())

  it('are not compared while their change is on its way, nor with a reply that is older', async () => {
    samples.begin(set('one', 1n), undefined)!.settle()
    let reads = 0
    samples.start({
      async read() {
        reads++
        // The change is sent and taken while the reply is on its way.
        samples.begin(set('two', 2n), undefined)!.settle()
        return { bytes: bytesOf('one', 1n), leftMs: -1 }
      },
    })
    await untilTrue(async () => reads > 3)
    expect([compared(), differences()]).deep.equal([0, 0])
  })

  it('wait for the end of a change', async () => {
    samples.begin(set('one', 1n), undefined)!.settle()
    const change = samples.begin(set('two', 2n), undefined)!
    let reads = 0
    samples.start({
      async read() {
        reads++
        return { bytes: bytesOf('two', 2n), leftMs: -1 }
      },
    })
    await sleep(100)
    expect(reads).equal(0)
    change.settle()
    await untilTrue(async () => compared() > 3)
    expect(differences()).equal(0)
  })

  it('are not compared while the engine fails', async () => {
    samples.begin(set('one', 1n), undefined)!.settle()
    let reads = 0
    samples.start({
      async read() {
        reads++
        throw new Error('away')
      },
    })
    await untilTrue(async () => reads > 3)
    expect(compared()).equal(0)
  })

  it('are not compared about when they expire', async () => {
    const nowMs = performance.now()
    const after = (ms: number) => changeOf('set', { ...set('one', 1n), keyBytes: Buffer.from(`${ms}`) })
    for (const ms of [100_000, 1000, -1000, -10_000]) samples.begin(after(ms), nowMs + ms)!.settle()
    const left = new Map([
      ['100000', 100_000],
      ['-10000', 0],
    ])
    const reads: string[] = []
    samples.start({
      async read(key) {
        reads.push(`${key}`)
        const bytes = `${key}` === '-10000' ? undefined : bytesOf('one', 1n)
        return { bytes, leftMs: left.get(`${key}`) ?? 77 }
      },
    })
    await untilTrue(async () => reads.length > 8)
    expect(differences()).equal(0)
    expect(compared()).above(2).and.below(reads.length)
  })
})
