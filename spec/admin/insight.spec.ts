/** Latency and hot keys, as clients of each protocol and readers over HTTP see them. */
import { expect } from 'chai'
import { Server, type StartOptions } from '../../lib/index.js'
import { controlsUntilStopped } from '../../lib/testing/serving/controls-until-stopped.js'
import { Serving } from '../../lib/testing/serving/serving.js'
import { completeTestOptions } from '../../lib/testing/test-options.js'
import { TestServer } from '../../lib/testing/test-server.js'
import { AdminServer, errorOf, useAdmin } from '../support/admin.js'
import { exchange, statistics } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { DatagramClient } from '../support/datagram-client.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, request } from '../support/frames.js'
import { parseMetrics } from '../support/prometheus-text.js'

interface Counted {
  readonly command: string
  readonly outcome: string
  readonly count: number
}

type Address = Pick<Server, 'host' | 'port'>

/** All that a new connection is answered to lines of text. */
async function say({ host, port }: Address, ...lines: string[]): Promise<string> {
  const connection = await Connection.open({ host, port })
  connection.send(Buffer.from(`${lines.join('\r\n')}\r\nquit\r\n`, 'latin1'))
  const { bytes } = await connection.receiveRest()
  connection.close()
  return bytes.toString('latin1')
}

async function linesOf(address: Address, group: string): Promise<Map<string, string>> {
  const text = await say(address, `stats ${group}`)
  expect(text).to.match(/END\r\n$/)
  return new Map([...text.matchAll(/^STAT (\S+) (.*)\r$/gm)].map(([, name, value]) => [name!, value!]))
}

/** A server whose clock the spec moves, as `keepcached test-server --admin` has one. */
async function startManual(): Promise<TestServer> {
  const options = completeTestOptions({ clock: 'manual', now: '2030-01-01' })
  const serving = await Serving.start({ ...options, server: { ...options.server, admin: '127.0.0.1:0' } })
  const { host, port } = serving
  return new TestServer(controlsUntilStopped(serving), {
    ...{ host, port, seed: options.seed },
    stop: () => serving.stop(),
  })
}

const latencyOf = async (admin: AdminServer) => JSON.parse((await admin.send('/v1/latency')).text).latency
const hotKeysOf = async (admin: AdminServer, query = '') =>
  JSON.parse((await admin.send(`/v1/hotkeys${query}`)).text)

/** What clients of all protocols send, each over connections of its own. With two workers both serve some. */
async function load({ server }: AdminServer): Promise<void> {
  await say(server, 'set user:1 0 0 4', 'blue', 'get user:1 user:1 user:9', 'add user:1 0 0 1', 'x')
  await say(server, 'mg user:1 v', 'mg user:9 v', 'ms plain 3', 'abc', 'md gone')
  const connection = await Connection.open({ host: server.host, port: server.port })
  await exchange(connection, request(Op.SET, { key: 'a b\n\xff:1', value: 'seven!!', extras: itemExtras() }))
  await exchange(connection, request(Op.GET, { key: 'a b\n\xff:1' }))
  await exchange(connection, request(Op.GET, { key: 'user:1' }))
  // A batch is recorded after its replies were sent, and before the next one.
  await exchange(connection, request(Op.NOOP))
  connection.close()
}

for (const workers of [1, 2])
  describe(`latency and hot keys of a server with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ workers })
    before(() => load(admin()))

    it('count requests by command and outcome, from all protocols', async () => {
      const lines = await linesOf(admin().server, 'latency')
      const counts = [...lines].filter(([name]) => name.endsWith(':count'))
      expect(Object.fromEntries(counts)).to.include({
        'get:hit:count': '5',
        'get:miss:count': '2',
        'set:hit:count': '3',
        'add:exists:count': '1',
        'delete:miss:count': '1',
      })
    })

    it('show times in ascending order, below those of a whole spec', async () => {
      const lines = await linesOf(admin().server, 'latency')
      const figures = ['p50_us', 'p90_us', 'p99_us', 'p999_us', 'max_us'].map((name) =>
        Number(lines.get(`get:hit:${name}`)),
      )
      expect(figures).to.deep.equal([...figures].sort((one, other) => one - other))
      expect(figures[0]).to.be.above(0)
      expect(Number(lines.get('get:hit:mean_us'))).to.be.within(0.1, figures.at(-1)!)
      expect(figures.at(-1)).to.be.below(11e6)
    })

    it('are the same for binary clients, and over HTTP', async () => {
      const connection = await admin().connect()
      const lines = await statistics(connection, 'latency')
      const hotKeys = await statistics(connection, 'hotkeys')
      connection.close()
      expect(lines.get('get:hit:count')).to.equal('5')
      expect(hotKeys.get('start:reads:keys:1')).to.equal('4 0 user%3A1')
      const found = (await latencyOf(admin())).find(
        ({ command, outcome }: Counted) => command === 'get' && outcome === 'hit',
      )
      expect(found.count).to.equal(5)
      expect(found.buckets.reduce((sum: number, { count }: Counted) => sum + count, 0)).to.equal(5)
      expect(found.buckets.at(-1).endUs).to.equal(found.maxUs)
      expect(Number(lines.get('get:hit:max_us'))).to.be.closeTo(found.maxUs, 0.01)
    })

    it('show the hottest keys and prefixes since the start, a miss as a read, and keys percent-encoded', async () => {
      const lines = await linesOf(admin().server, 'hotkeys')
      expect(lines.get('start:reads:keys:1')).to.equal('4 0 user%3A1')
      expect(lines.get('start:reads:keys:2')).to.equal('2 0 user%3A9')
      expect(lines.get('start:reads:keys:3')).to.equal('1 0 a%20b%0A%FF%3A1')
      expect(lines.has('start:reads:keys:4')).to.equal(false)
      expect(lines.get('start:reads:prefixes:1')).to.equal('6 0 user')
      expect(lines.get('start:writes:keys:1')).to.equal('2 0 user%3A1')
      expect(lines.get('start:bytes:keys:1')).to.equal('21 0 user%3A1')
    })

    it('begin with the reads of keys since the start in JSON, where keys may have any bytes', async () => {
      const { text } = await admin().send('/v1/hotkeys')
      expect(text).to.match(/^\{"reads":\{"keys":\[\{"key":"user:1","count":4,"error":0\}/)
      const { reads, writes, bytes, ...others } = JSON.parse(text)
      expect(reads.keys.slice(1)).to.deep.equal([
        { key: 'user:9', count: 2, error: 0 },
        { key64: Buffer.from('a b\n\xff:1', 'latin1').toString('base64'), count: 1, error: 0 },
      ])
      expect(reads.prefixes[0]).to.deep.equal({ key: 'user', count: 6, error: 0 })
      expect(writes.keys[0]).to.deep.equal({ key: 'user:1', count: 2, error: 0 })
      expect(bytes.keys[0]).to.deep.equal({ key: 'user:1', count: 21, error: 0 })
      expect(Object.keys(others)).to.deep.equal(['seconds', 'minute', '10s'])
      for (const window of [others.minute, others['10s']])
        expect(Object.keys(window)).to.deep.equal(['reads', 'writes', 'bytes', 'seconds'])
    })

    it('show as many as wanted over HTTP', async () => {
      expect((await hotKeysOf(admin(), '?limit=1')).reads.keys).to.have.length(1)
      for (const limit of ['0', '101', 'x']) {
        const reply = await admin().send(`/v1/hotkeys?limit=${limit}`)
        expect(reply.status).to.equal(400)
        expect(errorOf(reply)).to.equal('limit: give a number from 1 to 100')
      }
    })

    it('have metrics: a histogram whose buckets add up, and no keys', async () => {
      const { text } = await admin().send('/metrics')
      expect(text).to.not.match(/user:|user%|plain|a b/)
      const metrics = parseMetrics(text)
      const { type, samples } = metrics.get('keepcached_request_duration_seconds')!
      expect(type).to.equal('histogram')
      const labels = 'command="get",status="hit"'
      const buckets = [...samples].filter(([name]) => name.startsWith(`_bucket{${labels}`))
      expect(buckets).to.have.length(12)
      const counts = buckets.map(([, value]) => value)
      expect(counts).to.deep.equal([...counts].sort((one, other) => one - other))
      expect(buckets[0]![0]).to.equal(`_bucket{${labels},le="0.000004"}`)
      expect(buckets.at(-1)![0]).to.equal(`_bucket{${labels},le="+Inf"}`)
      expect(counts.at(-1)).to.equal(5)
      const exact: { endUs: number; count: number }[] = (await latencyOf(admin())).find(
        ({ command, outcome }: Counted) => command === 'get' && outcome === 'hit',
      ).buckets
      for (const [index, value] of counts.slice(0, -1).entries())
        expect(value, buckets[index]![0]).to.equal(
          exact.reduce((sum, { endUs, count }) => (endUs <= 4 ** (index + 1) ? sum + count : sum), 0),
        )
      expect(samples.get(`_count{${labels}}`)).to.equal(5)
      expect(samples.get(`_sum{${labels}}`)).to.be.above(0)
    })

    it('count items that are read and stored over HTTP', async () => {
      expect((await admin().send('/v1/items/by-http')).status).to.equal(404)
      expect((await hotKeysOf(admin())).reads.keys).to.deep.include({ key: 'by-http', count: 1, error: 0 })
      const misses = (await linesOf(admin().server, 'latency')).get('get:miss:count')
      expect(misses).to.equal('3')
    })

    it('begin anew after stats reset', async () => {
      expect(await say(admin().server, 'stats reset')).to.equal('RESET\r\n')
      expect((await linesOf(admin().server, 'latency')).has('get:hit:count')).to.equal(false)
      expect((await hotKeysOf(admin())).reads.keys).to.deep.equal([])
    })

    it('have metrics of how uneven the load is now', async () => {
      let shares: ReadonlyMap<string, number> | undefined
      // On a slow machine the window may have passed.
      while (shares?.has('{by="reads",of="prefixes",top="1"}') !== true) {
        await say(admin().server, 'get user:1 user:1 user:9 plain')
        shares = parseMetrics((await admin().send('/metrics')).text).get('keepcached_hot_share')?.samples
      }
      expect(shares.get('{by="reads",of="keys",top="1"}')).to.be.within(0.3, 0.9)
      expect(shares.get('{by="reads",of="keys",top="10"}')).to.be.closeTo(1, 1e-9)
      expect(shares.get('{by="reads",of="prefixes",top="1"}')).to.be.within(0.5, 0.99)
    })
  })

describe('latency and hot keys', () => {
  async function withServer<T>(options: StartOptions, act: (server: Server) => Promise<T>): Promise<T> {
    await using server = await Server.start({ port: 0, ...options })
    return await act(server)
  }

  it('are not observed without an admin listener, and say so', async () => {
    await withServer({}, async (server) => {
      await say(server, 'get user:1')
      expect(await say(server, 'stats latency')).to.equal('STAT latency_status disabled\r\nEND\r\n')
      expect(await say(server, 'stats hotkeys')).to.equal('STAT hotkeys_status disabled\r\nEND\r\n')
    })
  })

  it('count values that are too long for a window, refused ones too', async () => {
    await withServer({ admin: '127.0.0.1:0' }, async (server) => {
      const long = 'x'.repeat(100_000)
      await say(
        server,
        'set long:1 0 0 100000',
        long,
        'get long:1',
        'set long:2 0 0 2000000',
        'x'.repeat(2e6),
      )
      const lines = await linesOf(server, 'latency')
      expect([lines.get('set:hit:count'), lines.get('set:error:count')]).to.deep.equal(['1', '1'])
      const hot = await linesOf(server, 'hotkeys')
      expect(hot.get('start:bytes:keys:1')).to.equal('2000000 0 long%3A2')
      expect(hot.get('start:bytes:keys:2')).to.equal('200000 0 long%3A1')
    })
  })

  it('count a request that waits for its key once, when it is answered', async () => {
    await withServer({ admin: '127.0.0.1:0', changes: 65536 }, async (server) => {
      const waiting = await Connection.open({ host: server.host, port: server.port })
      waiting.send(Buffer.from('mn\r\nmw door c0 T60 v\r\n'))
      // Sent once the second one waits.
      await waiting.receiveUntil(Buffer.from('MN\r\n'))
      expect((await linesOf(server, 'hotkeys')).has('start:reads:keys:1')).to.equal(false)
      await say(server, 'set door 0 0 4', 'open')
      await waiting.receiveUntil(Buffer.from('open\r\n'))
      waiting.close()
      // Lines are those of a second.
      await eventually('1 0 door', async () => (await linesOf(server, 'hotkeys')).get('start:reads:keys:1'))
    })
  })

  it('count datagrams as soon as they are answered', async () => {
    const admin = await AdminServer.start({ udpPort: 0 })
    try {
      const { port } = admin.server.addresses.find(({ isDatagram }) => isDatagram)!
      const client = await DatagramClient.open(port)
      client.send(1, Buffer.from('get by-datagram\r\n'))
      await client.receive()
      client.close()
      const found = await latencyOf(admin)
      expect(found.map(({ command, outcome, count }: Counted) => [command, outcome, count])).to.deep.equal([
        ['get', 'miss', 1],
      ])
    } finally {
      await admin.stop()
    }
  })

  it('name no keys where -X forbids to list them', async () => {
    const admin = await AdminServer.start({ dumpEnabled: false })
    try {
      await say(admin.server, 'get user:1')
      expect(await say(admin.server, 'stats hotkeys')).to.equal('STAT hotkeys_status disabled\r\nEND\r\n')
      const reply = await admin.send('/v1/hotkeys')
      expect([reply.status, errorOf(reply)]).to.deep.equal([403, 'listing of keys is off (-X)'])
      expect((await admin.send('/v1/latency')).status).to.equal(200)
    } finally {
      await admin.stop()
    }
  })

  it('count what the decoder refuses as an error, and what has no effect as a hit', async () => {
    const server = await startManual()
    try {
      const key = 'k'.repeat(251)
      const refused = [
        'bogus',
        'get',
        `get ${key}`,
        'set k 0 0 -1',
        'touch k',
        `mg ${key} v`,
        'mg k v v',
        'ms k x',
      ]
      await say(server, ...refused)
      const lines = await linesOf(server, 'latency')
      expect(lines.get('other:error:count')).to.equal(String(refused.length))
      const hits = Number(lines.get('other:hit:count'))
      await say(server, 'lru_crawler enable', 'lru_crawler enable')
      // These two, the stats before, and a quit behind each.
      const after = Number((await linesOf(server, 'latency')).get('other:hit:count'))
      expect(after - hits).to.equal(5)
      expect((await linesOf(server, 'latency')).get('other:error:count')).to.equal(String(refused.length))
    } finally {
      await server.stop()
    }
  })

  it('have the lines of a second, however often a client asks, but none from before a reset', async () => {
    const server = await startManual()
    try {
      const hottest = async () => (await linesOf(server, 'hotkeys')).get('start:reads:keys:1')
      await say(server, 'get one')
      expect(await hottest()).to.equal('1 0 one')
      await say(server, 'get one')
      expect(await hottest()).to.equal('1 0 one')
      server.clock.advance('1s')
      expect(await hottest()).to.equal('2 0 one')
      await say(server, 'stats reset')
      expect(await hottest()).to.equal(undefined)
    } finally {
      await server.stop()
    }
  })

  it('follow the clock that a test moves', async () => {
    const server = await startManual()
    try {
      await say(server, 'get old')
      server.clock.advance('15s')
      await say(server, 'get new')
      let lines = await linesOf(server, 'hotkeys')
      expect(lines.get('minute:reads:keys:2')).to.match(/^1 0 /)
      server.clock.advance('60s')
      lines = await linesOf(server, 'hotkeys')
      expect(lines.get('minute:reads:keys:1')).to.equal('1 0 new')
      expect(lines.has('minute:reads:keys:2')).to.equal(false)
      expect(lines.has('10s:reads:keys:1')).to.equal(false)
      // Time that stands still, or jumps, is not the time that a request takes.
      server.clock.advance('1d')
      await say(server, 'get late')
      const latency = await linesOf(server, 'latency')
      expect(latency.get('get:miss:count')).to.equal('3')
      expect(Number(latency.get('get:miss:mean_us'))).to.be.within(0.1, 60e6)
      expect(Number(latency.get('get:miss:max_us'))).to.be.within(0.1, 11e6)
    } finally {
      await server.stop()
    }
  })
})
