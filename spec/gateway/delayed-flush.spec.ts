/** A delayed flush is kept by the engine: it outlives the gateway that was asked for it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import type { ServerProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'

describe('A delayed flush of gateways', function () {
  needs(REDIS)
  this.slow(20_000)
  const engine = useEngine(() => RedisNode.start())
  let gateways: ServerProcess[]
  let clients: Connection[]

  beforeEach(async () => {
    await engine().client.flushall()
    gateways = []
    clients = []
  })
  afterEach(async () => {
    for (const client of clients) client.close()
    await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')))
  })

  async function begin(...options: string[]): Promise<(...lines: string[]) => Promise<string>> {
    const gateway = await startGateway(engine(), options)
    const client = await gateway.connect()
    gateways.push(gateway)
    clients.push(client)
    return async (...lines) => {
      client.send(line([...lines, 'mn'].join('\r\n')))
      return (await client.receiveUntil(line('MN'))).toString('latin1').replace(/(\r\n)?MN\r\n$/, '')
    }
  }

  for (const threads of ['1', '2'])
    it(`is carried out by another gateway if that one has ended (-t ${threads})`, async () => {
      const first = await begin()
      expect(await first('set k 0 0 1', 'x', 'flush_all 2')).equal('STORED\r\nOK')
      expect(await first('get k')).equal('VALUE k 0 1\r\nx\r\nEND')
      await gateways[0]!.stop('SIGKILL')
      const second = await begin('-t', threads)
      await untilTrue(async () => (await second('get k')) === 'END')
      await untilTrue(async () => (await engine().client.exists('kc:')) === 0)
    })

  it('is carried out once, however many gateways there are', async () => {
    const ask = await begin()
    await Promise.all([begin(), begin()])
    expect(await ask('set k 0 0 1', 'x', 'flush_all 1')).equal('STORED\r\nOK')
    await untilTrue(async () => (await engine().client.exists('kc:')) === 0)
    expect(await ask('get k')).equal('END')
    expect(await ask('set k 0 0 1', 'y')).equal('STORED')
    // Each of them looks twice.
    await sleep(2500)
    expect(await ask('get k')).equal('VALUE k 0 1\r\ny\r\nEND')
  })

  it('belongs to one gateway for a while, and then to another', async () => {
    await engine().client.set('other', 'x')
    const now = async () => Number((await engine().client.time())[0]) * 1_000_000
    const claimEnd = (await now()) + 6_000_000
    await engine().client.set('kc:', `flush ${await now()} name ${claimEnd} another`)
    const ask = await begin()
    expect(await ask('set k 0 0 1', 'x')).equal('STORED')
    await untilTrue(async () => {
      const isThere = (await ask('get k')) !== 'END'
      if (!isThere) expect(await now()).least(claimEnd - 1_000_000)
      return !isThere
    })
    await untilTrue(async () => (await engine().client.exists('kc:')) === 0)
    expect(await engine().client.get('other')).equal('x')
  })

  it('is ended by another gateway if one was killed in the middle', async () => {
    const ask = await begin()
    expect(await ask('flush_all 1')).equal('OK')
    await engine().client.eval(FILL, 0, `${KEY_COUNT}`)
    await untilTrue(async () => (await engine().client.dbsize()) < KEY_COUNT / 4)
    await gateways[0]!.stop('SIGKILL')
    await begin()
    await untilTrue(async () => (await engine().client.dbsize()) === 0)
  })

  it('is replaced by a later order, and by a flush at once', async () => {
    const ask = await begin()
    expect(await ask('set k 0 0 1', 'x', 'flush_all 1', 'flush_all 100')).equal('STORED\r\nOK\r\nOK')
    await sleep(3000)
    expect(await ask('get k')).equal('VALUE k 0 1\r\nx\r\nEND')
    expect(await ask('flush_all')).equal('OK')
    expect(await engine().client.exists('kc:')).equal(0)
  })

  it('leaves what others have stored under the prefix alone', async () => {
    await engine().client.set('kc:', 'flush what you like')
    const ask = await begin()
    expect(await ask('set k 0 0 1', 'x')).equal('STORED')
    await sleep(2500)
    expect(await ask('get k')).equal('VALUE k 0 1\r\nx\r\nEND')
    expect(await engine().client.get('kc:')).equal('flush what you like')
  })
})

const KEY_COUNT = 80_000
const FILL = `for index = 1, ARGV[1] do redis.call('SET', 'kc:' .. index, 'x') end`
