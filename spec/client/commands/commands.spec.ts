import { expect } from 'chai'
import { Client, type ClientProtocol, PartialError } from '../../../lib/client/index.js'
import { startMemcached } from '../../support/memcached.js'
import { MEMCACHED, needs } from '../../support/peers.js'
import { type ServerProcess, startServer, useProcess } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

const PROTOCOLS: readonly ClientProtocol[] = ['meta', 'binary', 'text']
/** The specs are not about deadlines, and the machine may be busy. */
const PATIENT = { timeout: 30_000 }

describe('the commands of a client with keepcached', () => specifyCommands(() => startServer()))

describe('the flush of a prefix by a client', () => {
  const server = useProcess(() => startServer())
  const open = (options: object): Client =>
    new Client(`127.0.0.1:${server().port}`, { ...PATIENT, ...options })

  for (const protocol of ['meta', 'text'] as const)
    it(`removes the items whose keys begin so, behind its own prefix, over ${protocol}`, async () => {
      const [client, other] = [open({ protocol, prefix: 'app:' }), open({ protocol })]
      for (const key of ['user:1', 'user:2', 'users']) await client.set(key, 1)
      await other.set('user:1', 1)
      await client.flushPrefix('user:')
      const found = [await client.get('user:1'), await client.get('user:2'), await client.get('users')]
      expect([...found, await other.get('user:1')]).deep.equal([undefined, undefined, 1, 1])
      await other.flushPrefix(Buffer.from('user'))
      expect([await other.get('user:1'), await client.get('users')]).deep.equal([undefined, 1])
      for (const prefix of ['a b', 'p'.repeat(250), 'a\r\nflush_all'])
        expect(await codeOf(client.flushPrefix(prefix)), prefix).equal('BAD_KEY')
      expect(await codeOf(other.flushPrefix(''))).equal('BAD_KEY')
      expect(await client.get('users')).equal(1)
      await Promise.all([client.close(), other.close()])
    })

  it('is not possible over binary', async () => {
    const client = open({ protocol: 'binary' })
    expect(await codeOf(client.flushPrefix('user:'))).equal('BAD_REQUEST')
    await client.close()
  })
})

describe('the commands of a client with memcached', () => {
  needs(MEMCACHED)
  specifyCommands(() => startMemcached())
})

function specifyCommands(start: () => Promise<ServerProcess>): void {
  const server = useProcess(start)
  for (const protocol of PROTOCOLS) describe(`over ${protocol}`, () => specifyProtocol(protocol, server))
}

function specifyProtocol(protocol: ClientProtocol, server: () => ServerProcess): void {
  let client: Client
  before(() => {
    client = new Client(`127.0.0.1:${server().port}`, { ...PATIENT, protocol })
  })
  beforeEach(() => client.flush())
  after(() => client.close())

  it('returns a value that was set, and undefined for a miss', async () => {
    expect(await client.set('sky', { colour: 'blue' })).equal(true)
    expect(await client.get('sky')).deep.equal({ colour: 'blue' })
    expect(await client.get('sea')).equal(undefined)
  })

  it('stores an empty value and the longest that fits', async () => {
    const long = Buffer.alloc(1024 * 1024 - 200, 'x')
    await client.set('empty', Buffer.alloc(0))
    await client.set('long', long)
    expect(await client.get('empty')).deep.equal(Buffer.alloc(0))
    expect((await client.get<Buffer>('long'))?.equals(long)).equal(true)
  })

  it('names a value that is too long for the server, and goes on', async () => {
    expect(await codeOf(client.set('long', Buffer.alloc(2 * 1024 * 1024)))).equal('TOO_LARGE')
    await client.set('short', 1)
    expect(await client.get('short')).equal(1)
  })

  it('adds only what is missing, and replaces only what is there', async () => {
    expect(await client.replace('a', 1)).equal(false)
    expect(await client.add('a', 2)).equal(true)
    expect(await client.add('a', 3)).equal(false)
    expect(await client.replace('a', 4)).equal(true)
    expect(await client.get('a')).equal(4)
  })

  it('appends and prepends to what is there', async () => {
    expect(await client.append('a', 'x')).equal(false)
    await client.set('a', 'b')
    expect(await client.append('a', 'c')).equal(true)
    expect(await client.prepend('a', 'a')).equal(true)
    expect(await client.get('a')).equal('abc')
  })

  it('stores a value only if the item has not changed since', async () => {
    expect(await client.gets('a')).equal(undefined)
    await client.set('a', 'old')
    const { value, cas } = (await client.gets<string>('a'))!
    expect(value).equal('old')
    expect(await client.cas('a', 'new', cas)).equal('stored')
    expect(await client.cas('a', 'other', cas)).equal('changed')
    expect(await client.cas('b', 'new', cas)).equal('missing')
    expect(await client.get('a')).equal('new')
  })

  it('deletes what is there', async () => {
    await client.set('a', 1)
    expect(await client.delete('a')).equal(true)
    expect(await client.delete('a')).equal(false)
    expect(await client.get('a')).equal(undefined)
  })

  it('counts exactly to 64 bits, wraps upwards and stops at 0', async () => {
    await client.set('n', 2n ** 64n - 2n)
    expect(await client.increment('n')).equal(2n ** 64n - 1n)
    expect(await client.increment('n', 2)).equal(1n)
    expect(await client.decrement('n', 5n)).equal(0n)
    expect(await client.increment('missing')).equal(undefined)
  })

  it('names an item that is no number', async () => {
    await client.set('a', 'abc')
    expect(await codeOf(client.increment('a'))).equal('NOT_A_NUMBER')
  })

  it('gives an item another time to live', async () => {
    await client.set('a', 1, { ttl: 100 })
    expect(await client.touch('a', new Date(0))).equal(true)
    expect(await client.get('a')).equal(undefined)
    expect(await client.touch('a', '1h')).equal(false)
  })

  it('returns an item and gives it another time to live', async () => {
    expect(await client.getAndTouch('a', '1h')).equal(undefined)
    await client.set('a', [1, 2])
    expect(await client.getAndTouch('a', new Date(0))).deep.equal([1, 2])
    expect(await client.get('a')).equal(undefined)
  })

  it('returns the items of a batch under the keys as given', async () => {
    const bytes = Buffer.from('bytes')
    await client.setMany([
      ['a', 1],
      ['b', 'two'],
      [bytes, { three: 3 }],
    ])
    const found = await client.getMany(['a', 'missing', 'b', bytes, 'a'])
    expect([...found]).deep.equal([
      ['a', 1],
      ['b', 'two'],
      [bytes, { three: 3 }],
    ])
  })

  it('returns many items in several batches', async () => {
    const keys = Array.from({ length: 1700 }, (_, index) => `key-${index}`)
    await client.setMany(keys.map((key) => [key, key] as const))
    const found = await client.getMany(keys)
    expect(found.size).equal(keys.length)
    for (const key of keys) expect(found.get(key)).equal(key)
    expect(await client.deleteMany([...keys, 'missing'])).equal(keys.length)
    expect((await client.getMany(keys)).size).equal(0)
  })

  it('names the keys of a batch that failed, after it has stored the others', async () => {
    const error = await client
      .setMany([
        ['a', 1],
        ['b', Buffer.alloc(2 * 1024 * 1024)],
        ['c', 3],
      ])
      .catch((caught: PartialError) => caught)
    expect(error).instanceOf(PartialError)
    expect([...(error as PartialError).failed.keys()]).deep.equal(['b'])
    expect(await client.getMany(['a', 'b', 'c'])).deep.equal(
      new Map([
        ['a', 1],
        ['c', 3],
      ]),
    )
  })

  it('names the keys alone whose values cannot be decoded, and neither missing nor empty ones', async () => {
    const address = `127.0.0.1:${server().port}`
    const writer = new Client(address, { ...PATIENT, protocol, compression: { minLength: 10 } })
    const reader = new Client(address, { ...PATIENT, protocol, decompressedLengthMax: 1000 })
    await writer.setMany({ long: 'x'.repeat(2000), good: 'v', empty: '' })
    const keys = ['missing', 'long', 'good', 'empty', 'other']
    const error = (await reader.getMany(keys).catch((caught: unknown) => caught)) as PartialError
    expect(error).instanceOf(PartialError).include({ code: 'PARTIAL' })
    expect([...error.failed].map(([key, { code }]) => [key, code])).deep.equal([['long', 'TOO_LARGE']])
    expect(Object.fromEntries(error.found)).deep.equal({ good: 'v', empty: '' })
    await Promise.all([writer.close(), reader.close()])
  })

  it('keeps the replies of many calls at once apart', async () => {
    const indexes = Array.from({ length: 3000 }, (_, index) => index)
    const values = await Promise.all(
      indexes.map(async (index) => {
        await client.set(`key-${index}`, index)
        return client.get(`key-${index}`)
      }),
    )
    expect(values).deep.equal(indexes)
  })

  it('carries keys beyond ASCII', async () => {
    await client.set('größe-✓', 1)
    expect(await client.get('größe-✓')).equal(1)
    expect(await client.get(Buffer.from('größe-✓'))).equal(1)
    expect(await client.getMany(['größe-✓'])).deep.equal(new Map([['größe-✓', 1]]))
  })

  it('refuses keys, values and times that cannot be sent before anything is sent', async () => {
    expect(await codeOf(client.get(''))).equal('BAD_KEY')
    expect(await codeOf(client.get('k'.repeat(251)))).equal('BAD_KEY')
    expect(await codeOf(client.getMany(['a', '']))).equal('BAD_KEY')
    expect(await codeOf(client.set('a', undefined as unknown))).equal('BAD_VALUE')
    expect(await codeOf(client.set('a', 1, { ttl: -1 }))).equal('BAD_TTL')
    expect(await codeOf(client.touch('a', Number.NaN))).equal('BAD_TTL')
    expect(await codeOf(client.increment('a', -1))).equal('BAD_VALUE')
  })

  it('sends nothing that the words of a caller could smuggle in', async () => {
    await client.set('a', 1)
    const calls = [
      () => client.stats('a\r\nflush_all'),
      () => client.meta('mg', 'a', { flags: 'v\r\nflush_all' }),
      () => client.meta('mg\r\nflush_all', 'a'),
      () => client.get('a\r\nflush_all', { timeout: 1.5 }),
      () => client.flush('1\r\nflush_all'),
      () => client.cas('a', 1, '1\r\nflush_all' as unknown as bigint),
    ]
    for (const call of calls.slice(0, protocol === 'binary' ? 3 : undefined)) {
      expect(await codeOf(call())).match(/^BAD_(KEY|REQUEST|TTL|VALUE)$/)
    }
    expect(await client.get('a')).equal(1)
  })

  it('refuses meta flags that change how many replies there are, or whose they are', async () => {
    for (const flags of ['q', 'v q', 'O7', 'v O7']) {
      expect(await codeOf(client.meta('mg', 'a', { flags }))).equal('BAD_REQUEST')
    }
  })

  it('refuses what would mean something else than it says', async () => {
    expect(await codeOf(client.cas('a', 1, 0n))).equal('BAD_VALUE')
    expect(await codeOf(client.append('a', { b: 1 } as unknown as string))).equal('BAD_VALUE')
    expect(await codeOf(client.getMany('abc'))).equal('BAD_KEY')
    expect(await codeOf(client.deleteMany('abc'))).equal('BAD_KEY')
    for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await codeOf(client.get('a', { timeout }))).equal('BAD_OPTION')
    }
  })

  it('stores the entries of a Map, a list of pairs, or an object', async () => {
    await client.setMany(new Map([['a', 1]]))
    await client.setMany([['b', 2]])
    await client.setMany({ c: 3 })
    expect([...(await client.getMany(['a', 'b', 'c'])).values()]).deep.equal([1, 2, 3])
  })

  it('returns statistics and versions by server', async () => {
    const name = `127.0.0.1:${server().port}`
    const statistics = (await client.stats()).get(name)
    expect(Number(statistics?.get('pid'))).equal(server().pid)
    expect((await client.stats('settings')).get(name)?.get('maxbytes')).equal('67108864')
    expect((await client.version()).get(name)).match(/^1\.6\.\d+$/)
    await client.noop()
  })

  it('fails with the words of the server for a group of statistics that it does not know', async () => {
    expect(await codeOf(client.stats('nonsense'))).equal('SERVER')
  })

  it('reads the statistics whose lines have other words, and goes on', async () => {
    const name = `127.0.0.1:${server().port}`
    await client.set('group:a', 'abc')
    await client.stats('detail on')
    // Sent as a text `get` over meta, too: memcached counts no meta requests here.
    await client.getMany(['group:a', 'group:b'])
    const [dump, found] = await Promise.all([client.stats('detail dump'), client.get('group:a')])
    await client.stats('detail off')
    expect(found).equal('abc')
    // Binary has the whole list in one statistic.
    const counts = dump.get(name)?.get(protocol === 'binary' ? 'detailed' : 'group')
    expect(counts).match(/get \d+ hit \d+ set \d+ del \d+/)
    if (protocol !== 'binary') {
      const items = (await client.stats('cachedump 1 0')).get(name)
      expect(items?.get('group:a')).match(/^\[\d+ b; \d+ s\]$/)
    }
    expect(client.statistics()[name]?.pool.errors).equal(0)
  })

  it('flushes now if the time for it has passed', async () => {
    await client.set('a', 1)
    await client.flush(new Date(Date.now() - 5000))
    expect(await client.get('a')).equal(undefined)
  })

  if (protocol === 'binary')
    it('refuses meta requests, which this protocol does not have', async () => {
      expect(await codeOf(client.meta('mg', 'a'))).equal('BAD_REQUEST')
      expect(await client.get('a')).equal(undefined)
    })
  else
    it('sends any meta request', async () => {
      expect(await client.meta('ms', 'a', { flags: 'T60 c', value: 'abc' })).include({ code: 'HD' })
      const { code, flags, value } = await client.meta('mg', 'a', { flags: 'v s' })
      expect({ code, flags, value }).deep.equal({ code: 'VA', flags: 's3', value: Buffer.from('abc') })
      expect((await client.meta('mg', 'b', { flags: 'v' })).code).equal('EN')
      expect((await client.meta('md', 'a')).code).equal('HD')
    })

  if (protocol === 'text')
    it('refuses to create a counter, which this protocol cannot', async () => {
      expect(await codeOf(client.increment('n', 1, { initial: 5 }))).equal('BAD_REQUEST')
    })
  else
    it('creates a missing counter', async () => {
      expect(await client.increment('n', 1, { initial: 5, ttl: 60 })).equal(5n)
      expect(await client.increment('n', 1, { initial: 5 })).equal(6n)
    })
}
