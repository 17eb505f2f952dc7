/** A server that sends its changes to an engine, too, while it serves from its own memory. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { RAW_FORMAT } from '../../lib/cli/shell/cache/raw-format.js'
import { Client } from '../../lib/client/client.js'
import { pattern } from '../support/pattern.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisCluster, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import {
  freePort,
  runServer,
  type ServerOptions,
  type ServerProcess,
  startServer,
} from '../support/server.js'
import { runTool } from '../support/tool.js'

const ITEM_COUNT = 400
/** One of five is deleted; there is a large one, too. */
const LEFT_COUNT = (ITEM_COUNT * 4) / 5 + 1
const COMPARISON_COUNT_MAX = 300
const COMPARISON_PAUSE_MS = 100

const raw = (bytes: Buffer, flags = 0) => ({ bytes, flags })

describe('--gateway-shadow', function () {
  needs(REDIS)
  this.timeout(120_000)
  this.slow(10_000)
  let engine: RedisNode
  let server: ServerProcess
  let client: Client

  beforeEach(async () => {
    engine = await RedisNode.start()
  })
  afterEach(async () => {
    await client?.close()
    if (server?.isRunning) await server.stop()
    await engine.stop()
  })

  async function start(uri: string, options: readonly string[] = [], given: ServerOptions = {}) {
    const words = ['--gateway-shadow', uri, '--gateway-timeout', '500', ...options]
    server = await startServer({ ...given, options: words })
    client = new Client(`127.0.0.1:${server.port}`, {
      flags: RAW_FORMAT,
      longKeys: 'base64',
      timeout: 30_000,
    })
  }

  async function figure(name: string): Promise<number> {
    const [statistics] = (await client.stats('gateway')).values()
    return Number(statistics!.get(name))
  }

  /** All changes have arrived: the last one has. */
  async function untilArrived(node = engine): Promise<void> {
    const value = Buffer.from(`${Math.random()}`)
    await client.set('last', raw(value))
    await untilTrue(async () => (await node.client.getBuffer('kc:last'))?.subarray(20).equals(value) === true)
  }

  /** By a gateway over the same engine; and all that is stored under the prefix. */
  async function expectSame(uri: string, count: number): Promise<void> {
    const gateway = await startGateway({ uri })
    try {
      const places = [`127.0.0.1:${server.port}`, `127.0.0.1:${gateway.port}`]
      for (const [from, to] of [places, [...places].reverse()]) {
        const words = ['copy', from!, to!, '--dry-run', '--verify', '--json', '--timeout', '30000']
        // What had to be sent again on a busy machine arrives behind later changes of other keys.
        let last = await runTool(words)
        for (let tries = 1; last.code !== 0 && tries < COMPARISON_COUNT_MAX; tries++) {
          await sleep(COMPARISON_PAUSE_MS)
          last = await runTool(words)
        }
        const { code, out, complaints } = last
        expect(complaints).deep.equal([])
        expect(code).equal(0)
        expect(JSON.parse(out).compared).include({ same: count, gone: 0 })
      }
    } finally {
      await gateway.stop()
    }
  }

  /** Items of which a part is changed in every way. Returns how many are left. */
  async function load(): Promise<number> {
    const change = async (index: number): Promise<void> => {
      const key = index % 10 === 0 ? Buffer.from([0, index & 0xff, index >> 8, 0x20]) : `key:${index}`
      await client.set(key, raw(pattern(index), index), index % 3 === 0 ? { ttl: 1000 + index } : {})
      if (index % 7 === 0) await client.touch(key, 5000)
      if (index % 9 === 0) await client.append(key, Buffer.from('more'))
      if (index % 5 === 1) await client.delete(key)
    }
    await Promise.all(Array.from({ length: ITEM_COUNT }, (_, index) => change(index)))
    await client.set('large', raw(pattern(700_000)))
    await client.set('soon:a', raw(Buffer.from('1')))
    await client.flushPrefix('soon:')
    return LEFT_COUNT
  }

  for (const threads of ['1', '2'])
    it(`gives the engine what the store has, with ${threads} threads`, async () => {
      await start(engine.uri, ['-t', threads])
      const count = await load()
      await untilArrived()
      await expectSame(engine.uri, count + 1)
      expect(await figure('shadow_lists')).equal(1)
      expect(await figure('shadow_lost')).equal(0)
    })

  it('gives it what was there before it could be reached', async () => {
    const port = await freePort()
    await start(`redis://127.0.0.1:${port}`)
    const count = await load()
    await untilTrue(async () => server.output.includes(`--gateway-shadow: 127.0.0.1:${port}: `))
    expect(await figure('shadow_changes')).equal(0)
    await engine.stop()
    engine = await RedisNode.start([], { port })
    await untilTrue(async () => (await figure('shadow_lists')) === 1)
    await untilArrived()
    await expectSame(engine.uri, count + 1)
  })

  it('clients see nothing of an engine that is away; it gets the changes when it is back', async () => {
    await start(engine.uri)
    await load()
    await untilArrived()
    engine.process.kill('SIGSTOP')
    const storedMs = performance.now()
    try {
      await client.flush()
      await load()
      await client.set('short', raw(Buffer.from('lived')), { ttl: 1 })
      await client.set('aging', raw(Buffer.from('x')), { ttl: 100 })
      await sleep(4000)
      await untilTrue(async () => (await figure('shadow_retries')) > 2)
      expect(await client.get('key:2')).not.equal(undefined)
    } finally {
      engine.process.kill('SIGCONT')
    }
    await untilArrived()
    await untilTrue(async () => (await engine.client.exists('kc:aging')) === 1)
    const leftMs = await engine.client.pttl('kc:aging')
    // The clock of the store counts whole seconds.
    expect(leftMs).within(1, 102_000 - (performance.now() - storedMs))
    await expectSame(engine.uri, LEFT_COUNT + 2)
    expect(await figure('shadow_lost')).equal(0)
  })

  it('counts what its queue could not hold, and then lists all items again', async () => {
    await start(engine.uri, ['--changes', '512k'])
    await untilTrue(async () => (await figure('shadow_lists')) === 1)
    engine.process.kill('SIGSTOP')
    for (let round = 0; round < 25; round++) await load()
    engine.process.kill('SIGCONT')
    await untilTrue(async () => (await figure('shadow_lists')) > 1)
    expect(await figure('shadow_lost')).above(1000)
    expect(await figure('shadow_forgotten')).equal(0)
    await untilArrived()
    await expectSame(engine.uri, LEFT_COUNT + 1)
  })

  it('removes evicted items, and those of a flush', async () => {
    await start(engine.uri, ['-m', '1'])
    for (let index = 0; index < 200; index++) await client.set(`big:${index}`, raw(pattern(20_000)))
    await untilArrived()
    const [general] = (await client.stats()).values()
    expect(Number(general!.get('evictions'))).above(0)
    await untilTrue(async () => (await engine.client.dbsize()) === Number(await itemCount()))
    await client.flush()
    await untilArrived()
    expect(await engine.client.keys('*')).deep.equal(['kc:last'])

    async function itemCount(): Promise<string> {
      const [statistics] = (await client.stats()).values()
      return statistics!.get('curr_items')!
    }
  })

  it('compares a sample of the items with the engine, and counts what differs', async () => {
    await start(engine.uri)
    // A list does not mention an item that was stored and deleted before its turn.
    await untilTrue(async () => (await figure('shadow_lists')) === 1)
    for (const key of ['a', 'b', 'c', 'd']) await client.set(key, raw(Buffer.from(key), 1), { ttl: 1000 })
    await client.delete('d')
    await untilArrived()
    const compared = await figure('shadow_compared')
    await untilTrue(async () => (await figure('shadow_compared')) > compared + 10)
    expect(await figure('shadow_differences')).equal(0)
    let item = (await engine.client.getBuffer('kc:b'))!
    const spoils: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['a missing item', () => engine.client.del('kc:b')],
      ['another value', () => engine.client.set('kc:b', Buffer.concat([item, item]), 'EX', 1000)],
      ['other data', () => engine.client.set('kc:b', 'other data', 'EX', 1000)],
      ['another time to live', () => engine.client.set('kc:b', item)],
      ['an item that was deleted', () => engine.client.set('kc:d', item)],
    ]
    for (const [name, spoil] of spoils) {
      const before = await figure('shadow_differences')
      item = (await engine.client.getBuffer('kc:b'))!
      await spoil()
      await untilTrue(async () => (await figure('shadow_differences')) > before).catch(() =>
        expect.fail(name),
      )
      await client.delete('d')
      await client.set('b', raw(Buffer.from('b'), 1), { ttl: 1000 })
      await untilArrived()
      await sleep(50)
    }
  })

  it('an orderly end sends the last changes', async () => {
    await start(engine.uri, ['--gateway-timeout', '20000'])
    await untilArrived()
    engine.process.kill('SIGSTOP')
    await load()
    await client.set('at the end', raw(Buffer.from('value')))
    await client.close()
    const ended = server.stop()
    await sleep(300)
    engine.process.kill('SIGCONT')
    await ended
    expect((await engine.client.getBuffer('kc:at the end'))!.subarray(20).toString()).equal('value')
  })

  it('a full engine refuses changes, which are counted', async () => {
    await start(engine.uri)
    await untilArrived()
    await engine.client.config('SET', 'maxmemory', '1')
    await client.set('k', raw(Buffer.from('v')))
    await untilTrue(async () => (await figure('shadow_refused')) === 1)
    await client.delete('last')
    await untilTrue(async () => (await engine.client.exists('kc:last')) === 0)
  })

  it('a full engine does not keep the older value of an item', async () => {
    await start(engine.uri)
    await client.set('k', raw(Buffer.from('older')))
    await untilTrue(async () => (await engine.client.exists('kc:k')) === 1)
    await engine.client.config('SET', 'maxmemory', '1')
    await client.set('k', raw(Buffer.from('newer')))
    await untilTrue(async () => (await engine.client.exists('kc:k')) === 0)
    await untilTrue(async () => (await figure('shadow_refused')) === 1)
  })

  it('excludes --gateway', async () => {
    const words = ['-p', '0', '--gateway', engine.uri, '--gateway-shadow', engine.uri]
    const { code, stderr } = await runServer(words)
    expect(stderr).match(/^keepcached: --gateway-shadow: the items live on the engine of --gateway/)
    expect(code).equal(64)
  })

  describe('before a cluster', () => {
    const cluster = useEngine(() => RedisCluster.start())

    it('gives it what the store has', async () => {
      await start(cluster().uri)
      const count = await load()
      await client.set('last', raw(Buffer.from('x')))
      await untilTrue(async () => (await figure('shadow_lists')) === 1)
      await untilTrue(async () => (await figure('shadow_compared')) > 100)
      await expectSame(cluster().uri, count + 1)
      expect(await figure('shadow_differences')).equal(0)
    })
  })
})
