/** A gateway whose engine is watched by sentinels. */
import { once } from 'node:events'
import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { needs } from '../support/peers.js'
import { REDIS, startGateway, untilTrue } from '../support/redis.js'
import { WatchedRedis } from '../support/redis-sentinel.js'
import { freePort, runServer, type ServerProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { CountedLoad } from './counted-load.js'

const FAILURE = 'SERVER_ERROR temporary failure'

describe('A gateway over sentinels', function () {
  needs(REDIS)
  this.slow(30_000)
  this.timeout(90_000)
  let engine: WatchedRedis
  let gateway: ServerProcess | undefined
  let client: Connection | undefined

  beforeEach(async () => {
    engine = await WatchedRedis.start()
  })
  afterEach(async () => {
    client?.close()
    await gateway?.stop()
    await engine.stop()
  })

  async function connect(...options: string[]): Promise<void> {
    gateway = await startGateway(engine, options)
    client = await gateway.connect()
  }

  async function ask(...lines: string[]): Promise<string> {
    client!.send(line([...lines, 'mn'].join('\r\n')))
    return (await client!.receiveUntil(line('MN'))).toString('latin1').replace(/(\r\n)?MN\r\n$/, '')
  }

  it('serves from the primary that they know, although one of them does not answer', async () => {
    engine.sentinels[0]!.process.kill('SIGSTOP')
    await connect()
    expect(await ask('set k 0 0 1', 'x', 'get k')).equal('STORED\r\nVALUE k 0 1\r\nx\r\nEND')
    expect(await engine.servers[0]!.client.exists('kc:k')).equal(1)
    engine.sentinels[0]!.process.kill('SIGCONT')
  })

  it('goes on with the replica that they promote, and neither loses nor doubles an increment', async () => {
    await connect()
    const load = new CountedLoad([client!], 16)
    await load.begin()
    const [primary, replica] = engine.servers
    const running = load.run()
    await untilTrue(async () => load.acknowledgedCount > 1000)
    load.end()
    await running
    // From now on the replica has everything that was acknowledged.
    expect(await primary!.client.call('wait', '1', '5000')).equal(1)
    const exit = once(primary!.process, 'exit')
    primary!.process.kill('SIGKILL')
    await exit
    const before = load.acknowledgedCount
    const again = load.resume()
    await Promise.race([untilTrue(async () => load.unknownCount > 0), again])
    await Promise.race([untilTrue(async () => load.acknowledgedCount > before + 1000, 60_000), again])
    load.end()
    await again
    expect((await replica!.client.info('replication')).includes('role:master')).equal(true)
    expect(load.acknowledgedCount).above(2000)
  })

  it('follows a failover that is ordered, and never reads from the primary that was', async () => {
    await connect()
    expect(await ask('set n 0 0 1', '0')).equal('STORED')
    const [old, replica] = engine.servers
    await engine.sentinels[1]!.client.call('sentinel', 'failover', WatchedRedis.NAME)
    let lossCount = 0
    let roundsAfter = 0
    await untilTrue(async () => {
      const [reply] = (await ask('incr n 1')).split('\r\n')
      const found = await ask('get n')
      // What the old primary has not passed on is lost, once between the two requests.
      if (reply !== FAILURE && found !== FAILURE && found.split('\r\n')[1] !== reply) lossCount++
      const isOver = (await old!.client.info('replication')).includes('role:slave')
      if (isOver && reply !== FAILURE) roundsAfter++
      return roundsAfter > 50
    }, 60_000)
    expect(lossCount).most(1)
    expect(await replica!.client.exists('kc:n')).equal(1)
  })
})

describe('A gateway over sentinels with a password', function () {
  needs(REDIS)
  this.slow(30_000)

  it('logs in with that of the engine where one is wanted', async () => {
    const engine = await WatchedRedis.start({ password: 'secret' })
    const gateway = await startGateway(engine)
    const client = await gateway.connect()
    client.send(line('set k 0 0 1\r\nx'))
    expect((await client.receiveUntil(line('STORED'))).toString()).equal('STORED\r\n')
    client.close()
    await gateway.stop()
    const { stderr } = await endOf(engine.uri.replace(':secret@', ''))
    expect(stderr).match(/^keepcached: --gateway: 127.0.0.1:\d+: NOAUTH/)
    await engine.stop()
  })
})

describe('A gateway over sentinels ends with one sentence', function () {
  needs(REDIS)
  this.slow(30_000)

  it('if none of them answers, or they do not know the name', async () => {
    const port = await freePort()
    const none = await endOf(`redis+sentinel://127.0.0.1:${port}/main`)
    expect(none.stderr).match(/^keepcached: --gateway: 127.0.0.1:\d+: connect ECONNREFUSED/)
    expect(none.code).above(0)
    const engine = await WatchedRedis.start()
    const unknown = await endOf(engine.uri.replace(/main$/, 'other'))
    expect(unknown.stderr).match(
      /^keepcached: --gateway: 127.0.0.1:\d+: ERR No such master with that name\n$/,
    )
    expect(unknown.code).above(0)
    await engine.stop()
  })
})

const endOf = (uri: string) => runServer(['-p', '0', '-t', '1', '--gateway', uri, '--gateway-timeout', '500'])
