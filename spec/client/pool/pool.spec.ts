import { connect } from 'node:net'
import { expect } from 'chai'
import { Client, type ClientOptions } from '../../../lib/client/index.js'
import { ConnectionPool, type Pool } from '../../../lib/client/pool/pool.js'
import { POOL_DEFAULTS } from '../../../lib/client/pool/pool-options.js'
import { eventually } from '../../support/eventually.js'
import { codeOf } from '../support/code-of.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

const MISS = replyToLines(() => 'END\r\n')

describe('a pool of connections', () => {
  let server: ScriptedServer
  let client: Client
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  async function begin(
    onSocket: Parameters<typeof ScriptedServer.start>[0],
    options: ClientOptions,
  ): Promise<void> {
    server = await ScriptedServer.start(onSocket)
    client = new Client(server.name, { protocol: 'text', timeout: 30_000, ...options })
  }
  const statistics = () => client.statistics()[server.name]!.pool
  const gets = (count: number) => Array.from({ length: count }, (_, index) => client.get(`k${index}`))

  it('opens no connection before the first call, and one for many calls', async () => {
    await begin(MISS, {})
    expect(statistics().created).equal(0)
    await Promise.all(gets(50))
    expect(statistics()).include({ created: 1, total: 1, idle: 1, active: 0, acquires: 50, waiting: 0 })
  })

  it('opens another connection while the first is busy, up to its maximum', async () => {
    await begin(undefined, { pool: { max: 3, busyAt: 2 } })
    for (let round = 1; round <= 5; round++) {
      for (const call of gets(3)) call.catch(() => undefined)
      await server.untilLines(round * 3)
    }
    await eventually(3, async () => server.sockets.length)
    expect(statistics()).include({ total: 3, created: 3 })
  })

  it('lets calls wait when all connections are full, in order', async () => {
    await begin(undefined, { pool: { max: 1, inFlightMax: 2 } })
    const calls = gets(5)
    await server.untilLines(2)
    expect(statistics()).include({ waiting: 3 })
    expect(server.received).equal('get k0\r\nget k1\r\n')
    server.sockets[0]!.write('END\r\n'.repeat(2))
    await server.untilLines(4)
    server.sockets[0]!.write('END\r\n'.repeat(2))
    await server.untilLines(5)
    server.sockets[0]!.write('END\r\n')
    await Promise.all(calls)
    expect(statistics()).include({ waiting: 0, waits: 5 })
    expect(statistics().waitedMs).above(0)
  })

  it('refuses calls when too many wait, and goes on when there is room', async () => {
    await begin(undefined, { pool: { max: 1, inFlightMax: 1, waitingMax: 2 } })
    const first = client.get('first')
    await server.untilLines(1)
    const waiting = gets(2)
    expect(await codeOf(client.get('more'))).equal('QUEUE_FULL')
    server.sockets[0]!.write('END\r\n')
    await first
    await server.untilLines(2)
    server.sockets[0]!.write('END\r\n')
    await server.untilLines(3)
    server.sockets[0]!.write('END\r\n')
    await Promise.all(waiting)
  })

  it('frees the place of a call that has failed while it waited', async () => {
    await begin(undefined, { pool: { max: 1, inFlightMax: 1, waitingMax: 1 } })
    const first = client.get('first')
    await server.untilLines(1)
    expect(await codeOf(client.get('a', { timeout: 30 }))).equal('TIMEOUT')
    const next = client.get('b')
    server.sockets[0]!.write('END\r\n')
    await server.untilLines(2)
    expect(server.received).equal('get first\r\nget b\r\n')
    server.sockets[0]!.write('END\r\n')
    await Promise.all([first, next])
  })

  it('refuses in a later turn, so that a loop of attempts leaves the others their time', async () => {
    await begin((socket) => socket.destroy(), { breaker: false })
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
    }, 50)
    let attempts = 0
    while (!isOver) {
      await client.get('a').catch(() => undefined)
      attempts++
    }
    clearTimeout(timer)
    expect(attempts).above(0)
  })

  it('keeps its minimum of connections open, and closes others when they are idle', async () => {
    await begin(undefined, { pool: { min: 1, max: 2, busyAt: 1, idleMs: 1 } })
    await eventually(1, async () => server.sockets.length)
    const calls = gets(3)
    await eventually(2, async () => server.sockets.length)
    server.sockets[0]!.write('END\r\n'.repeat(3))
    server.sockets[1]!.write('END\r\n'.repeat(3))
    await Promise.allSettled(calls)
    await eventually(1, async () => statistics().total)
  })

  it('replaces a connection at the end of its life, and loses no call', async () => {
    await begin(MISS, { pool: { lifetimeMs: 100, max: 1 } })
    while (server.sockets.length < 3) await client.get('a')
    expect(client.statistics()[server.name]!.errors).deep.equal({})
  })

  for (const [chance, destroyed] of [
    [0, 0],
    [0.99, 1],
  ] as const)
    it(`shortens the lifetime of a connection by up to a tenth: by ${chance} of it`, async () => {
      const lifetimeMs = 1_000_000
      let pool: ConnectionPool
      await begin(MISS, {
        pool(options, observer) {
          pool = new ConnectionPool(
            options,
            { ...POOL_DEFAULTS, lifetimeMs, idleMs: 0, healthCheckMs: 0 },
            observer,
          )
          return pool
        },
      })
      const { random } = Math
      const { now } = performance
      Math.random = () => chance
      await client.get('a').finally(() => Object.assign(Math, { random }))
      performance.now = () => now.call(performance) + lifetimeMs * 0.95
      try {
        pool!.maintain()
      } finally {
        Object.assign(performance, { now })
      }
      expect(statistics()).include({ created: 1, destroyed })
    })

  it('closes an idle connection although that replies to the questions for a sign of life', async () => {
    await begin(
      replyToLines((line) => (line.startsWith('get') ? 'END\r\n' : 'VERSION 1.6.0\r\n')),
      { pool: { healthCheckMs: 1, idleMs: 2500 } },
    )
    await client.get('a')
    await eventually(0, async () => statistics().total)
    expect(statistics()).include({ created: 1, errors: 0 })
    expect(server.received).match(/^get a\r\n(version\r\n)+$/)
  })

  it('is looked after behind the reads of a turn: in a busy program a sign of life counts', async () => {
    const events: string[] = []
    server = await ScriptedServer.start((socket) => socket.on('data', () => events.push('read')))
    const peer = connect(server.port, '127.0.0.1')
    await eventually(1, async () => server.sockets.length)
    const beBusy = () => {
      peer.write('x')
      const busyUntil = performance.now() + 200
      while (performance.now() < busyUntil);
    }
    client = new Client(server.name, {
      pool() {
        // Due in the same turn as the first look at the pool, and before it.
        setTimeout(beBusy, 1000)
        return { ...IDLE_POOL, maintain: () => events.push('maintain') }
      },
    })
    await eventually(2, async () => events.length)
    expect(events).deep.equal(['read', 'maintain'])
    peer.destroy()
  })

  it('closes an idle connection that gives no sign of life', async () => {
    await begin(
      replyToLines((line) => (line.startsWith('get') ? 'END\r\n' : undefined)),
      { pool: { healthCheckMs: 1 } },
    )
    await client.get('a')
    await eventually(0, async () => statistics().total)
    expect(statistics().errors).equal(1)
  })

  it('keeps an idle connection that replies to its question', async () => {
    await begin(
      replyToLines((line) => (line.startsWith('get') ? 'END\r\n' : 'VERSION 1.6.0\r\n')),
      { pool: { healthCheckMs: 1 } },
    )
    await client.get('a')
    await eventually(true, async () => server.received.split('version').length > 3)
    expect(statistics()).include({ total: 1, created: 1, errors: 0 })
  })

  it('waits longer after each failure to connect, and connects when the server is back', async () => {
    await begin(MISS, { breaker: false })
    const { port, name } = server
    await client.get('a')
    await server.stop()
    await codeOf(client.get('b'))
    await codeOf(client.get('c'))
    const error = await client.get('d').catch((caught: Error) => caught)
    expect(error).include({ code: 'UNREACHABLE' })
    expect((error as Error).message).match(new RegExp(`^${name}: .*ECONNREFUSED.*next attempt in \\d+ ms`))
    server = await ScriptedServer.start(MISS, port)
    await eventually(undefined, () => client.get('e').catch((caught) => caught.code))
  })

  it('can be another one, of the program', async () => {
    server = await ScriptedServer.start()
    const keys: unknown[] = []
    client = new Client(server.name, {
      pool: () => ({
        ...IDLE_POOL,
        execute(call) {
          keys.push(call.key)
          call.fail(new Error('my own'))
        },
      }),
    })
    const error = await client.get('a').catch((caught: Error) => caught)
    expect((error as Error).message).equal('my own')
    expect(keys).deep.equal(['a'])
  })
})

const EMPTY = {
  total: 0,
  idle: 0,
  active: 0,
  created: 0,
  destroyed: 0,
  errors: 0,
  acquires: 0,
  waits: 0,
  waitedMs: 0,
  waiting: 0,
}

const IDLE_POOL: Pool = {
  execute: () => undefined,
  maintain: () => undefined,
  statistics: () => ({ ...EMPTY }),
  retire: () => undefined,
  close: () => Promise.resolve(),
}
