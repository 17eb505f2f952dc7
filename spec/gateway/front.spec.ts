/** What is in front of the engine stays: watchers, HTTP, statistics, threads. */
import { expect } from 'chai'
import { AdminServer } from '../support/admin.js'
import type { Connection } from '../support/connection.js'
import { needs } from '../support/peers.js'
import { type ParsedMetric, parseMetrics } from '../support/prometheus-text.js'
import { REDIS, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import { runServer, useProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'

describe('A gateway', function () {
  needs(REDIS)
  this.slow(5000)
  const engine = useEngine(() => RedisNode.start())

  describe('with two threads', () => {
    const server = useProcess(() => startGateway(engine(), ['-t', '2']))
    let clients: Connection[]

    beforeEach(async () => {
      clients = await Promise.all([server().connect(), server().connect(), server().connect()])
    })
    afterEach(() => {
      for (const client of clients) client.close()
    })

    async function ask(index: number, ...lines: string[]): Promise<string> {
      const client = clients[index]!
      client.send(line([...lines, 'mn'].join('\r\n')))
      return (await client.receiveUntil(line('MN'))).toString('latin1').replace(/(\r\n)?MN\r\n$/, '')
    }

    it('lets each thread see what the others have stored', async () => {
      for (let round = 0; round < 50; round++) {
        await ask(round % 3, `set k 0 0 ${`${round}`.length}`, `${round}`)
        for (const index of [0, 1, 2]) expect(await ask(index, 'get k')).include(`\r\n${round}\r\n`)
      }
    })

    it('reports to watchers what its clients do', async () => {
      const [watcher] = clients
      watcher!.send(line('watch fetchers mutations deletions'))
      await watcher!.receiveUntil(line('OK'))
      await ask(1, 'get w', 'set w 0 0 5', 'value', 'get w', 'add w 0 0 1', 'x', 'delete w', 'delete w')
      await ask(2, 'cas w 0 0 1 7', 'x', 'incr w 1', 'get last')
      const told = (await watcher!.receiveUntil(Buffer.from('size=0\n'))).toString('latin1')
      const rest = told.includes('key=last')
        ? ''
        : (await watcher!.receiveUntil(Buffer.from('size=0\n'))).toString()
      const facts = [...(told + rest).matchAll(/type=(\S+) key=(\S+)(?: status=(\S+))?(?: cmd=(\S+))?/g)]
      expect(
        facts.map(([, ...words]) => words.filter((word) => word !== undefined).join(' ')).sort(),
      ).deep.equal([
        'deleted w delete',
        'item_get last not_found',
        'item_get w found',
        'item_get w found',
        'item_get w not_found',
        'item_get w not_found',
        'item_get w not_found',
        'item_store w not_found cas',
        'item_store w not_stored add',
        'item_store w stored set',
      ])
    })

    it('counts what its clients do, and what the engine does', async () => {
      await ask(1, 'stats reset')
      await ask(
        1,
        'set s 0 0 1',
        '1',
        'get s',
        'get none',
        'incr s 1',
        'touch s 9',
        'delete s',
        'delete s',
        'cas s 0 0 1 7',
        'x',
      )
      const figures = new Map(
        (await ask(2, 'stats')).split('\r\n').map((text) => text.split(' ').slice(1) as [string, string]),
      )
      const expected = {
        cmd_set: '2',
        cmd_get: '2',
        get_hits: '1',
        get_misses: '1',
        incr_hits: '1',
        cmd_touch: '1',
        touch_hits: '1',
        delete_hits: '1',
        delete_misses: '1',
        cas_misses: '1',
        total_items: '1',
      }
      const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, figures.get(name)]))
      expect(seen).deep.equal(expected)
      expect(await ask(2, 'stats gateway')).match(
        /^STAT engine (Redis|Valkey)\r\nSTAT engine_version \d+\.\d+[\s\S]*:connected yes\r\n/,
      )
    })
  })

  it('says that changes cannot be waited for or followed, and serves on', async () => {
    const server = await startGateway(engine())
    const client = await server.connect()
    const refusal = 'SERVER_ERROR changes are off (--changes)\r\n'
    for (const request of ['mw k c0 T60', 'mw k c7 T0 v', 'watch changes', 'watch changes initial values']) {
      client.send(line(`set k 0 0 1\r\nx\r\n${request}\r\nget k`))
      const replies = await client.receiveUntil(line('END'))
      expect(replies.toString(), request).equal(`STORED\r\n${refusal}VALUE k 0 1\r\nx\r\nEND\r\n`)
    }
    client.close()
    await server.stop()
  })

  for (const [options, sentence] of [
    [['--changes', '1m'], 'changes on the engine of --gateway cannot be recorded'],
    [['--data', 'unused'], 'the items live on the engine of --gateway'],
    [['-e', '/dev/shm/unused'], 'the items live on the engine of --gateway'],
    [['-U', '12345'], '--gateway does not serve datagrams'],
  ] as const)
    it(`is not started with ${options[0]}, and says why`, async () => {
      const { code, stderr } = await runServer(['-p', '0', '--gateway', engine().uri, ...options])
      expect(stderr).match(new RegExp(`^keepcached: .*: ${sentence}\n$`))
      expect(code).equal(64)
    })

  for (const workers of [1, 2])
    it(`has metrics of each node and worker, with ${workers} of them`, async () => {
      const admin = await AdminServer.start({ gateway: engine().uri, workers })
      const client = await admin.connect()
      try {
        client.send(line('set k 0 0 1\r\nx\r\nget k'))
        await client.receiveUntil(line('END'))
        const metrics = await untilCounted(admin, workers)
        const of = (name: string) => metrics.get(`keepcached_gateway_node_${name}`)!
        const labels = Array.from(
          { length: workers },
          (_, worker) => `{node="127.0.0.1:${engine().port}",role="primary",worker="${worker}"}`,
        )
        for (const name of ['connected', 'in_flight', ...COUNTED_OF_NODES])
          expect([...of(name).samples.keys()], name).deep.equal(labels)
        expect([...of('connected').samples.values()]).deep.equal(labels.map(() => 1))
        for (const name of ['replies_total', 'reply_seconds_total']) expect(sumOf(of(name)), name).above(0)
        for (const name of ['lost_total', 'timeouts_total', 'redirections_total', 'retries_total'])
          expect(sumOf(of(name)), name).equal(0)
      } finally {
        client.close()
        await admin.stop()
      }
    })

  it('reads, stores and deletes items over HTTP', async () => {
    const admin = await AdminServer.start({ hasToken: true, adminWrite: true, gateway: engine().uri })
    const value = Buffer.alloc(100_000, 'abc')
    try {
      const stored = await admin.sendWithToken('/v1/items/http', {
        method: 'PUT',
        headers: { 'keepcached-flags': '3', 'keepcached-ttl': '100' },
        body: value,
      })
      expect(stored.status, stored.text).within(200, 204)
      const found = await admin.sendWithToken('/v1/items/http')
      expect(found.body.equals(value)).equal(true)
      expect(found.headers['keepcached-flags']).equal('3')
      expect(Number(found.headers['keepcached-ttl'])).within(90, 100)
      expect((await admin.sendWithToken('/v1/items/http', { method: 'DELETE' })).status).within(200, 204)
      expect((await admin.sendWithToken('/v1/items/http')).status).equal(404)
    } finally {
      await admin.stop()
    }
  })
})

/** The metrics, once each worker has reported, and the commands of the spec are counted. */
async function untilCounted(admin: AdminServer, workers: number): Promise<Map<string, ParsedMetric>> {
  let metrics = new Map<string, ParsedMetric>()
  await untilTrue(async () => {
    metrics = parseMetrics((await admin.send('/metrics')).text)
    const commands = metrics.get('keepcached_gateway_node_replies_total')
    return commands?.samples.size === workers && sumOf(commands) >= 2 + 2 * workers
  })
  return metrics
}

const sumOf = ({ samples }: ParsedMetric): number =>
  [...samples.values()].reduce((sum, value) => sum + value, 0)

const COUNTED_OF_NODES = [
  'commands_total',
  'replies_total',
  'reply_seconds_total',
  'lost_total',
  'redirections_total',
  'retries_total',
  'timeouts_total',
]
