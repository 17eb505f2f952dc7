import { expect } from 'chai'
import { ClientError } from '../../../lib/client/client-error.js'
import { createServerSource, type ListServers } from '../../../lib/client/servers/create-server-source.js'
import { PolledServers } from '../../../lib/client/servers/polled-servers.js'
import type { ServerAddress, ServerGiven } from '../../../lib/client/servers/server-address.js'
import type { ServerSource } from '../../../lib/client/servers/server-source.js'
import { ManualTimers, settled } from './manual-timers.js'

/** What a source has delivered. */
class Deliveries {
  readonly lists: (readonly ServerAddress[])[] = []
  readonly errors: ClientError[] = []

  constructor(source: ServerSource) {
    source.subscribe(
      (servers) => this.lists.push(servers),
      (error) => this.errors.push(error),
    )
  }

  get names(): string[][] {
    return this.lists.map((servers) => servers.map(({ name }) => name))
  }

  get codes(): string[] {
    return this.errors.map(({ code }) => code)
  }
}

function sourceOf(list: ListServers) {
  const timers = new ManualTimers()
  const source = createServerSource(list, { timers, refreshMs: 10_000, loadTimeoutMs: 300 })
  return { timers, source, deliveries: new Deliveries(source) }
}

describe('A list of servers that is polled', () => {
  it('is delivered when it is known, and again when it has changed', async () => {
    const answers: ServerGiven[][] = [
      ['a', 'b'],
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
    ]
    const { timers, deliveries } = sourceOf(() => answers.shift()!)
    await settled()
    expect(deliveries.names).deep.equal([['a:11211', 'b:11211']])
    await timers.pass()
    expect(deliveries.lists.length).equal(1)
    await timers.pass()
    await timers.pass()
    expect(deliveries.names.slice(1)).deep.equal([
      ['b:11211', 'c:11211'],
      ['c:11211', 'b:11211'],
    ])
    expect(deliveries.errors).deep.equal([])
  })

  it('keeps the objects of the servers that stay as they are', async () => {
    const answers: ServerGiven[][] = [
      ['a', { address: 'b', weight: 2 }],
      ['c', { address: 'b', weight: 2 }, 'a'],
      ['c', { address: 'b', weight: 3 }, 'memcacheds://a'],
    ]
    const { timers, deliveries } = sourceOf(async () => answers.shift()!)
    await settled()
    await timers.pass()
    await timers.pass()
    const [first, second, third] = deliveries.lists
    expect(second![1]).equal(first![1])
    expect(second![2]).equal(first![0])
    expect(third![0]).equal(second![0])
    expect(third![1]).not.equal(second![1])
    expect(third!.map(({ weight, tls }) => [weight, tls])).deep.equal([
      [1, undefined],
      [3, undefined],
      [1, true],
    ])
  })

  it('waits the interval, give or take a tenth', async () => {
    for (const [chance, ms] of [
      [0, 9000],
      [0.5, 10_000],
      [1, 11_000],
    ] as const) {
      const { timers } = sourceOf(() => ['a'])
      timers.chance = chance
      await settled()
      expect(timers.waits).deep.equal([ms])
    }
  })

  it('stays as it was when it cannot be renewed, and asks again soon, then less and less often', async () => {
    let fails = false
    const { timers, deliveries } = sourceOf(() => {
      if (fails) throw new Error('no idea')
      return ['a']
    })
    await settled()
    fails = true
    const waits: number[] = []
    for (let count = 0; count < 7; count++) {
      await timers.pass()
      waits.push(...timers.waits)
    }
    expect(waits).deep.equal([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
    expect(deliveries.lists.length).equal(1)
    expect(deliveries.codes).deep.equal(Array(7).fill('UNREACHABLE'))
    expect(deliveries.errors[0]!.message).equal('the function for servers: no idea')
    fails = false
    await timers.pass()
    expect(timers.waits).deep.equal([10_000])
    expect(deliveries.lists.length).equal(1)
    expect(deliveries.errors.length).equal(7)
  })

  it('reports what is no list of servers, with the reason', async () => {
    const wrong: unknown[] = [[], ['a:b'], ['a', 'a'], undefined]
    const { timers, deliveries } = sourceOf(() => wrong.shift() as ServerGiven[])
    await settled()
    for (let count = 0; count < 3; count++) await timers.pass()
    expect(deliveries.codes).deep.equal(['UNREACHABLE', 'BAD_OPTION', 'BAD_OPTION', 'BAD_OPTION'])
    expect(deliveries.errors[0]!.message).include('empty list')
    expect(deliveries.errors[1]!.message).include('"a:b"')
    expect(deliveries.lists).deep.equal([])
  })

  it('has a server once, however often the answer names it', async () => {
    const timers = new ManualTimers()
    const record = { name: 'a', port: 1, weight: 1, priority: 1 }
    const resolver = {
      resolveSrv: async () => [record, { ...record }],
      resolve4: async () => [],
      resolve6: async () => [],
    }
    const deliveries = new Deliveries(createServerSource('srv:_cache._tcp.example', { timers, resolver }))
    await settled()
    await timers.pass()
    expect(deliveries.names).deep.equal([['a:1']])
    expect(deliveries.errors).deep.equal([])
  })

  it('waits no longer than a timer can', async () => {
    const timers = new ManualTimers()
    timers.chance = 0.9
    new Deliveries(createServerSource(() => ['a'], { timers, refreshMs: 2 ** 31 - 1 }))
    await settled()
    expect(timers.waits).deep.equal([2 ** 31 - 1])
  })

  it('reports what its subscriber throws, and delivers the list again', async () => {
    const timers = new ManualTimers()
    const source = createServerSource(() => ['a'], { timers, refreshMs: 10_000 })
    const errors: string[] = []
    let count = 0
    source.subscribe(
      () => {
        if (++count === 1) throw new Error('no pool')
      },
      ({ message }) => errors.push(message),
    )
    await settled()
    expect(errors).deep.equal(['the function for servers: no pool'])
    expect(timers.waits).deep.equal([500])
    await timers.pass()
    expect([count, timers.waits]).deep.equal([2, [10_000]])
    await timers.pass()
    expect([count, errors.length]).deep.equal([2, 1])
  })

  it('counts an answer that takes too long as none, and ignores it when it comes', async () => {
    let answer: (servers: ServerGiven[]) => void = () => {}
    const { timers, deliveries } = sourceOf(() => new Promise((resolve) => (answer = resolve)))
    await settled()
    expect(timers.waits).deep.equal([300])
    await timers.pass()
    expect(deliveries.codes).deep.equal(['TIMEOUT'])
    expect(timers.waits).deep.equal([500])
    answer(['late'])
    await settled()
    expect(deliveries.lists).deep.equal([])
    await timers.pass()
    answer(['in-time'])
    await settled()
    expect(deliveries.names).deep.equal([['in-time:11211']])
  })

  it('tells the load that its answer is not needed any more', async () => {
    const timers = new ManualTimers()
    const signals: AbortSignal[] = []
    const source = new PolledServers('a list', (signal) => new Promise(() => signals.push(signal)), {
      timers,
    })
    new Deliveries(source)
    await timers.pass()
    expect(signals[0]!.aborted).equal(true)
    await timers.pass()
    expect(signals[1]!.aborted).equal(false)
    source.close()
    expect(signals[1]!.aborted).equal(true)
  })

  it('delivers nothing when it is closed, and leaves no timer', async () => {
    const { timers, source, deliveries } = sourceOf(() => ['a'])
    source.close()
    await settled()
    expect(deliveries.lists).deep.equal([])
    expect(timers.waits).deep.equal([])

    const other = sourceOf(() => ['a'])
    await settled()
    other.source.close()
    expect(other.timers.waits).deep.equal([])
    expect(other.deliveries.lists.length).equal(1)
  })
})

describe('A list of servers that does not change', () => {
  const listOf = (given: Parameters<typeof createServerSource>[0]): string[][] =>
    new Deliveries(createServerSource(given)).names

  it('is delivered at once', () => {
    expect(listOf('cache')).deep.equal([['cache:11211']])
    expect(listOf({ address: 'cache', weight: 2 })).deep.equal([['cache:11211']])
    expect(listOf(['b', { address: 'a', weight: 2 }])).deep.equal([['b:11211', 'a:11211']])
    expect(listOf('dns:22122')).deep.equal([['dns:22122']])
  })

  it('may come from a source of the user', () => {
    const source: ServerSource = { subscribe() {}, close() {} }
    expect(createServerSource(source)).equal(source)
  })

  for (const given of [
    [],
    ['a', 'a'],
    'a:b',
    null,
    undefined,
    7,
    'srv:a:1',
    'srv:',
    'dns:a:b',
    'dns:',
    'dns:a/b',
    'elasticache:/a',
  ])
    it(`is not ${JSON.stringify(given)}`, () => {
      expect(() => createServerSource(given as string))
        .throws(ClientError)
        .property('code', 'BAD_OPTION')
    })
})
