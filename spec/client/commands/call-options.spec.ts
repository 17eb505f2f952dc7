import { expect } from 'chai'
import { Client, ClientError } from '../../../lib/client/index.js'
import { startServer, useProcess } from '../../support/server.js'

/** What a program in JavaScript may give. */
type Give = (client: Client, options: never) => Promise<unknown>

const load = () => 1

/** Each method that takes options, and the name of one that it has besides `timeout` and `signal`. */
const METHODS: readonly (readonly [method: string, give: Give, own?: string])[] = [
  ['get', (client, options) => client.get('k', options)],
  ['gets', (client, options) => client.gets('k', options)],
  ['getAndTouch', (client, options) => client.getAndTouch('k', 1, options)],
  ['getMany', (client, options) => client.getMany(['k'], options)],
  ['set', (client, options) => client.set('k', 1, options), 'ttl'],
  ['setMany', (client, options) => client.setMany({ k: 1 }, options), 'ttl'],
  ['add', (client, options) => client.add('k', 1, options), 'ttl'],
  ['replace', (client, options) => client.replace('k', 1, options), 'ttl'],
  ['append', (client, options) => client.append('k', '1', options)],
  ['prepend', (client, options) => client.prepend('k', '1', options)],
  ['cas', (client, options) => client.cas('k', 1, 1n, options), 'ttl'],
  ['delete', (client, options) => client.delete('k', options)],
  ['deleteMany', (client, options) => client.deleteMany(['k'], options)],
  ['increment', (client, options) => client.increment('k', 1, options), 'initial'],
  ['decrement', (client, options) => client.decrement('k', 1, options), 'initial'],
  ['touch', (client, options) => client.touch('k', 1, options)],
  ['meta', (client, options) => client.meta('mg', 'k', options), 'flags'],
  ['flush', (client, options) => client.flush(0, options)],
  ['flushPrefix', (client, options) => client.flushPrefix('k', options)],
  ['stats', (client, options) => client.stats('', options)],
  ['version', (client, options) => client.version(options)],
  ['noop', (client, options) => client.noop(options)],
  ['getOrSet', (client, options) => client.getOrSet('k', 1, load, options), 'staleFor'],
  ['lock', (client, options) => client.lock('k', 2, options), 'wait'],
  ['changes', async (client, options) => client.changes(options).return?.(), 'initial'],
  ['waitFor', (client, options) => client.waitFor('k', options), 'after'],
]

describe('an unknown option of a call', () => {
  let client: Client
  before(() => {
    // A list that never arrives, so that nothing can be sent: such a call would fail with TIMEOUT.
    client = new Client(() => new Promise(() => {}))
  })
  after(() => client.close())

  const refusalOf = async (give: Give, options: unknown): Promise<string> => {
    const error: unknown = await give(client, options as never).catch((thrown: unknown) => thrown)
    expect(error).instanceOf(ClientError).property('code', 'BAD_OPTION')
    return (error as ClientError).message
  }

  for (const [method, give, own] of METHODS) {
    it(`of ${method} is an error with its name`, async () => {
      expect(await refusalOf(give, { colour: 1 })).equal('colour: there is no such option')
      for (const options of [5, null, 'ttl', []])
        expect(await refusalOf(give, options)).equal('options: an object')
    })
    const known = own ?? 'signal'
    it(`of ${method} that resembles ${known} is an error that names ${known}`, async () => {
      const given = known.slice(0, 1) + known.slice(2)
      expect(await refusalOf(give, { [given]: 1 })).equal(
        `${given}: there is no such option; did you mean ${known}?`,
      )
    })
  }

  const set: Give = (to, options) => to.set('k', 1, options)
  for (const given of ['expires', 'expiration', 'exptime', 'lifetime', 'maxAge', 'tll', 'tl', 'TTL', 'tttl'])
    it(`${given} is one for which ttl may have been meant`, async () => {
      expect(await refusalOf(set, { timeout: 5, [given]: 60 })).equal(
        `${given}: there is no such option; did you mean ttl?`,
      )
    })

  it('is one of another call', async () => {
    const get: Give = (from, options) => from.get('k', options)
    expect(await refusalOf(get, { ttl: 5 })).equal('ttl: there is no such option')
    expect(await refusalOf(get, { expires: 5 })).equal('expires: there is no such option')
    expect(await refusalOf(set, { toString: 5 })).equal('toString: there is no such option')
  })
})

describe('the known options of calls', () => {
  const server = useProcess(() => startServer({ options: ['--changes', '1m'] }))

  it('are accepted, also if nothing is given for them', async () => {
    await using client = new Client(`127.0.0.1:${server().port}`, { timeout: 30_000 })
    const call = { timeout: 30_000, signal: new AbortController().signal }
    const store = { ...call, ttl: undefined } as object
    expect(await client.set('k', 1, store)).equal(true)
    expect(await client.get('k', call)).equal(1)
    expect(await client.increment('n', 1, { ...store, initial: 5n })).equal(5n)
    expect(await client.meta('mg', 'k', { ...call, flags: 'v' })).property('code', 'VA')
    await client.setMany({ a: 1 }, store)
    expect(await client.getMany(['a'], call)).deep.equal(new Map([['a', 1]]))
    expect(await client.waitFor('a', { ...call, after: 0n })).property('value', 1)
    const terms = { staleFor: 1, refreshBefore: 1, lockTtl: 5, deadline: 30_000, whenDown: 'fail' } as const
    expect(await client.getOrSet('g', 9, load, { ...call, ...terms, onRefreshError: () => {} })).equal(1)
    const lock = await client.lock('l', 30, { ...call, wait: 5 })
    expect(await lock?.release()).equal(true)
    const all = { prefix: 'a', since: undefined, initial: true, values: true, signal: call.signal }
    for await (const change of client.changes(all)) {
      expect(change).property('key', 'a')
      break
    }
  })

  it('are those that the caller has given: others may be inherited', async () => {
    await using client = new Client(`127.0.0.1:${server().port}`, { timeout: 30_000 })
    expect(await client.set('k', 2, Object.create({ colour: 1, ttl: 60 }) as object)).equal(true)
    expect((await client.meta('mg', 'k', { flags: 't' })).flags).match(/^t\d/)
  })
})
