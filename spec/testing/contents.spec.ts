/** What a test server tells a test, and what a test puts into it. */
import { expect } from 'chai'
import type { TestServerOptions } from '../../lib/testing/index.js'
import { eventually } from '../support/eventually.js'
import { Op, request } from '../support/frames.js'
import { Kit, setFrame } from './kit.js'

const START = '2030-01-01T00:00:00.000Z'

for (const thread of [false, true])
  describe(`a test server ${thread ? 'in a thread of its own' : 'in the thread of the test'}`, () => {
    const kit = new Kit()
    afterEach(() => kit.end())
    const start = (options: TestServerOptions = {}) => kit.start({ thread, ...options })

    it('logs requests of every protocol by the same names', async () => {
      const server = await start({ items: { a: '12345' } })
      await kit.ask(server, 'gets a\r\nmg b v\r\nms c 2\r\nxy\r\nincr a 1\r\nstats\r\nbad\r\n')
      await kit.askFrame(server, request(Op.GETK, { key: 'a' }))
      await kit.askFrame(server, setFrame('d', '123'))
      expect(server.requests).to.deep.equal([
        { command: 'get', key: 'a', valueLength: 5, outcome: 'ok', connection: 1 },
        { command: 'get', key: 'b', valueLength: 0, outcome: 'not found', connection: 1 },
        { command: 'set', key: 'c', valueLength: 2, outcome: 'ok', connection: 1 },
        { command: 'incr', key: 'a', valueLength: 0, outcome: 'ok', connection: 1 },
        { command: 'stats', key: undefined, valueLength: 0, outcome: 'ok', connection: 1 },
        { command: 'unknown', key: undefined, valueLength: 0, outcome: 'unknown command', connection: 1 },
        { command: 'get', key: 'a', valueLength: 5, outcome: 'ok', connection: 2 },
        { command: 'set', key: 'd', valueLength: 3, outcome: 'ok', connection: 3 },
      ])
      server.forgetRequests()
      expect(server.requests).to.deep.equal([])
    })

    it('logs what has become of requests with a fault', async () => {
      const server = await start({
        faults: [
          { key: 'busy', then: 'busy' },
          { key: 'made', then: { reply: 'X\r\n' } },
          { key: 'exists', then: 'exists' },
          { key: 'late', then: { delay: 1 } },
        ],
      })
      await kit.ask(server, 'get busy\r\nget made\r\ndelete exists\r\nget late\r\n')
      expect(server.requests.map(({ outcome }) => outcome)).to.deep.equal([
        'busy',
        'made up',
        'exists',
        'not found',
      ])
    })

    it('holds no more requests than it is told to', async () => {
      for (const [requestsMax, keys] of [
        [3, ['2', '3', '4']],
        [0, []],
      ] as const) {
        const server = await start({ requestsMax })
        await kit.ask(server, 'get 0\r\nget 1\r\nget 2\r\nget 3\r\nget 4\r\n')
        expect(server.requests.map(({ key }) => key)).to.deep.equal(keys)
      }
    })

    it('shows items as they are stored, whole', async () => {
      const server = await start({ clock: 'manual', now: START })
      const long = Buffer.alloc(300_000, 'xyz')
      server.load({ long, bytes: Buffer.from([0xff, 0]), text: { value: 'ü', flags: 7, expiry: 60 } })
      const [bytes, longItem, text] = server.items()
      expect(bytes!.value.equals(Buffer.from([0xff, 0]))).to.equal(true)
      expect(longItem!.value.equals(long)).to.equal(true)
      const { cas, value, ...facts } = text!
      expect({ ...facts, value: value.toString() }).to.deep.equal({
        key: 'text',
        value: 'ü',
        flags: 7,
        expiry: Date.parse(START) / 1000 + 60,
      })
      expect(await kit.ask(server, 'mg text c v f t\r\n')).to.equal(`VA 2 c${cas} f7 t60\r\n\xc3\xbc\r\n`)
      const connection = await kit.connect(server)
      connection.send(Buffer.from('get long\r\n'))
      const said = await connection.receiveUntil(Buffer.from('END\r\n'))
      expect(said.includes(long)).to.equal(true)
    })

    it('loads past log and faults, also where clients have to log in', async () => {
      const server = await start({
        saslEnabled: true,
        faults: [{ then: 'out of memory' }],
        items: { a: '1' },
      })
      server.load({ b: '2' })
      expect(server.items().map(({ key }) => key)).to.deep.equal(['a', 'b'])
      expect(server.requests).to.deep.equal([])
      expect(server.faults.unused.length).to.equal(1)
    })

    it('is emptied, and forgets a flush that waits', async () => {
      const server = await start({ clock: 'manual', items: { a: '1' } })
      await kit.ask(server, 'flush_all 100\r\n')
      server.clear()
      expect([server.items().length, server.statistics()['curr_items']]).to.deep.equal([0, '0'])
      server.load({ b: '1' })
      server.clock.advance(200)
      expect(server.items().length).to.equal(1)
    })

    it('shows connections, and drops one', async () => {
      const server = await start()
      const [first, second] = [await kit.connect(server), await kit.connect(server)]
      for (const connection of [first, second]) {
        connection.send(Buffer.from('mn\r\n'))
        await connection.receive(4)
      }
      const facts = server.connections
      expect(facts.map(({ number, requestCount }) => [number, requestCount])).to.deep.equal([
        [1, 1],
        [2, 1],
      ])
      expect(facts[0]!.remoteAddress).to.match(/^127\.0\.0\.1:\d+$/)
      facts[0]!.drop()
      await first.receiveRest()
      second.send(Buffer.from('mn\r\n'))
      await second.receive(4)
      await eventually(1, async () => server.connections.length)
      facts[0]!.drop()
    })

    it('shows statistics by group', async () => {
      const server = await start({ memoryMegabytes: 8, items: { a: '1' } })
      expect(server.statistics()).to.include({ limit_maxbytes: `${8 * 1024 * 1024}`, curr_items: '1' })
      expect(server.statistics('settings')).to.include({ cas_enabled: 'yes' })
      expect(() => server.statistics('nonsense')).to.throw(TypeError, 'group: "nonsense" is not')
    })

    it('is started anew with its connections closed and its counts at zero', async () => {
      const server = await start({ items: { a: '1' }, clock: 'manual' })
      const connection = await kit.connect(server)
      connection.send(Buffer.from('get a\r\n'))
      await connection.receiveUntil(Buffer.from('END\r\n'))
      server.clock.advance(60)
      server.restart({ keepItems: true })
      await connection.receiveRest()
      expect(server.statistics()).to.include({ get_hits: '0', uptime: '0', curr_items: '1' })
      server.restart()
      expect(server.items()).to.deep.equal([])
    })

    it('says where it is', async () => {
      const server = await start()
      const { host, port } = server
      expect(server.uri).to.equal(`memcached://127.0.0.1:${port}`)
      expect(host).to.equal('127.0.0.1')
      expect(server.env()).to.deep.equal({
        MEMCACHED_SERVERS: `127.0.0.1:${port}`,
        MEMCACHE_SERVERS: `127.0.0.1:${port}`,
        MEMCACHIER_SERVERS: `127.0.0.1:${port}`,
        MEMCACHED_HOST: '127.0.0.1',
        MEMCACHED_PORT: `${port}`,
        MEMCACHED_URL: `memcached://127.0.0.1:${port}`,
      })
    })

    it('stores an expiry in seconds from now, however long', async () => {
      const server = await start({
        clock: 'manual',
        now: START,
        items: { long: { value: '1', expiry: 3e6 } },
      })
      const month = 60 * 60 * 24 * 30
      server.load({ month: { value: '1', expiry: month }, more: { value: '1', expiry: month + 1 } })
      const now = Date.parse(START) / 1000
      expect(server.items().map(({ key, expiry }) => [key, expiry - now])).to.deep.equal([
        ['long', 3e6],
        ['month', month],
        ['more', month + 1],
      ])
      server.clock.advance(month)
      expect(server.items().map(({ key }) => key)).to.deep.equal(['long', 'more'])
      expect(() => server.load({ a: '1', late: { value: '1', expiry: 2 ** 31 - 1 } })).to.not.throw()
      server.clock.set('2080-01-01')
      expect(() => server.load({ b: '1', late: { value: '1', expiry: 2 ** 31 - 1 } })).to.throw(
        RangeError,
        /^items\["late"\]\.expiry: 2147483647 seconds from now is later/,
      )
      expect(server.items().map(({ key }) => key)).to.deep.equal(['a', 'late'])
    })

    it('stores all values or none', async () => {
      const server = await start({ items: { a: 'old' } })
      const wrong = [1, { value: 'x', flags: -1 }, 'x'.repeat(2_000_000)]
      for (const b of wrong)
        expect(() => server.load({ a: 'new', b, c: 'x' } as Record<string, string>)).to.throw(/^items\["b"\]/)
      // A refused set of a client removes the old value. A value of the test does not.
      expect(() => server.load({ a: 'x'.repeat(2_000_000) })).to.throw(RangeError)
      expect(server.items().map(({ key, value }) => `${key} ${value}`)).to.deep.equal(['a old'])
    })

    it('stores the longest value that clients can store', async () => {
      const server = await start({ itemSizeMax: 10_000 })
      const longest = 10_000 - 60
      const fits = async (length: number) => {
        const value = 'x'.repeat(length)
        return (await kit.ask(server, `set a 0 0 ${length}\r\n${value}\r\n`)) === 'STORED\r\n'
      }
      for (let length = longest - 10; length < longest + 10; length++) {
        const load = () => server.load({ a: 'x'.repeat(length) })
        if (await fits(length)) expect(load, `${length}`).to.not.throw()
        else expect(load, `${length}`).to.throw(RangeError)
      }
    })

    it('shows keys that are not UTF-8 apart from each other, and so names them in log and faults', async () => {
      const server = await start()
      server.faults.add({ on: 'touch', key: 'a\\xff', then: { reply: 'X\r\n' } })
      const connection = await kit.connect(server)
      const lines = [
        'set a\xff 0 0 1',
        '1',
        'set a\xfe\\ 0 0 1',
        '2',
        'touch a\xff 0',
        'touch a\xfe\\ 0',
        'quit',
      ]
      connection.send(Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'))
      const { bytes } = await connection.receiveRest()
      expect(bytes.toString()).to.equal('STORED\r\nSTORED\r\nX\r\nTOUCHED\r\n')
      expect(server.items().map(({ key, value }) => [key, `${value}`])).to.deep.equal([
        ['a\\xfe\\x5c', '2'],
        ['a\\xff', '1'],
      ])
      expect(server.requests.slice(0, 2).map(({ key }) => key)).to.deep.equal(['a\\xff', 'a\\xfe\\x5c'])
    })

    it('shows a key that is UTF-8 as it is, but not as another key', async () => {
      const server = await start({ items: { 'a\\xff': '1', '\\\\xé\\y': '2' } })
      server.faults.add({ key: 'a\\xff', then: 'busy' })
      const connection = await kit.connect(server)
      connection.send(Buffer.from('mg a\\xff v\r\nmg a\xff v\r\nquit\r\n', 'latin1'))
      const { bytes } = await connection.receiveRest()
      expect(bytes.toString()).to.equal('VA 1\r\n1\r\nSERVER_ERROR busy\r\n')
      expect(server.items().map(({ key }) => key)).to.deep.equal(['\\\\x5cxé\\y', 'a\\x5cxff'])
    })

    it('names a value that it cannot store', async () => {
      const server = await start()
      const wrong: readonly (readonly [unknown, RegExp])[] = [
        [null, /^items: null is not an object/],
        [{ a: 1 }, /^items\["a"\]: 1 is not an object/],
        [{ a: { value: 1 } }, /^items\["a"\]\.value: 1 is not a string or bytes/],
        [{ a: { value: '', ttl: 1 } }, /^items\["a"\]\.ttl: there is no such field/],
        [{ a: { value: '', flags: -1 } }, /^items\["a"\]\.flags: -1 is not/],
        [{ a: { value: '', expiry: 0.5 } }, /^items\["a"\]\.expiry: 0.5 is not/],
        [{ ['k'.repeat(251)]: '' }, /a key has 1 to 250 bytes$/],
        [{ '': '' }, /a key has 1 to 250 bytes$/],
      ]
      for (const [entries, message] of wrong)
        expect(() => server.load(entries as Record<string, string>)).to.throw(TypeError, message)
      expect(() => server.load({ a: 'x'.repeat(2_000_000) })).to.throw(RangeError, 'items["a"]: too large')
      expect(server.items()).to.deep.equal([])
    })
  })
