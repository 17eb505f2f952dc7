/** Changes that are acknowledged when replicas of the engine have them (--gateway-ack). */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisCluster, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import type { ServerProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { CountedLoad } from './counted-load.js'

/** More with INCREMENTS=100000. */
const COUNT = Number(process.env['INCREMENTS'] ?? 3000)
/** Every primary is killed, and figures are printed. */
const IS_LONG = COUNT > 10_000
const FAILURE = 'SERVER_ERROR temporary failure'
const ACK = ['--gateway-ack', 'replicas=1']

describe('A gateway that waits for replicas', function () {
  needs(REDIS)
  this.slow(20_000)

  describe('of a single server', () => {
    let primary: RedisNode
    let replica: RedisNode
    let gateway: ServerProcess
    let client: Connection

    beforeEach(async () => {
      primary = await RedisNode.start(SYNC_AT_ONCE)
      replica = await RedisNode.start(['--replicaof', '127.0.0.1', `${primary.port}`])
      await untilTrue(async () => String(await primary.client.call('wait', '1', '500')) === '1')
      gateway = await startGateway(primary, [...ACK, '--gateway-timeout', '1500'])
      client = await gateway.connect()
    })
    afterEach(async () => {
      client.close()
      await gateway.stop()
      await Promise.all([primary.stop(), replica.stop()])
    })

    async function ask(...lines: string[]): Promise<string> {
      client.send(line([...lines, 'mn'].join('\r\n')))
      return (await client.receiveUntil(line('MN'))).toString('latin1').replace(/(\r\n)?MN\r\n$/, '')
    }

    const figure = async (name: string): Promise<number> =>
      Number(new RegExp(`^STAT ${name} (\\d+)\\r?$`, 'm').exec(await ask('stats gateway'))![1])

    const waitCount = async (): Promise<number> =>
      Number(/cmdstat_wait:calls=(\d+)/.exec(await primary.client.info('commandstats'))![1])

    it('acknowledges what the replica has', async () => {
      for (let round = 1; round <= 50; round++) {
        const digits = `${round}`
        const replies = await ask(`set k 0 0 ${digits.length}`, digits)
        expect(replies).equal('STORED')
        expect(await replica.client.getrange('kc:k', 20, -1)).equal(digits)
      }
      expect(await ask('touch k 100', 'gat 100 k', 'delete k', 'delete k')).equal(
        'TOUCHED\r\nVALUE k 0 2\r\n50\r\nEND\r\nDELETED\r\nNOT_FOUND',
      )
      expect(await replica.client.exists('kc:k')).equal(0)
      expect(await ask('set k 0 0 1', 'x', 'flush_all')).equal('STORED\r\nOK')
      expect(await replica.client.dbsize()).equal(0)
    })

    it('waits once for all changes that come together', async () => {
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
      // From now on the engine has the script.
      await ask('set k 0 0 1', 'x')
      const before = await waitCount()
      const replies = await ask(...keys.flatMap((key) => [`set ${key} 0 0 1`, 'x']))
      expect(replies).equal(keys.map(() => 'STORED').join('\r\n'))
      expect((await waitCount()) - before).within(1, 5)
    })

    it('answers changes with a failure while the replica is away, and reads as ever', async () => {
      expect(await ask('set n 0 0 1', '0')).equal('STORED')
      replica.process.kill('SIGSTOP')
      client.send(line('incr n 1'))
      const other = await gateway.connect()
      // The change is being waited for.
      await untilTrue(async () => (await primary.client.getrange('kc:n', 20, -1)) === '1')
      for (let round = 0; round < 10; round++) {
        other.send(line('get n'))
        expect((await other.receiveUntil(line('END'))).toString()).include('VALUE n 0 1\r\n1\r\n')
      }
      other.close()
      expect((await client.receiveUntil(line(''))).toString()).equal(`${FAILURE}\r\n`)
      expect(await figure('unacknowledged')).equal(1)
      expect(await figure('timeouts')).equal(0)
      expect(await ask('set n 0 0 1', '5', 'delete n', 'touch n 5')).equal(
        [FAILURE, FAILURE, FAILURE].join('\r\n'),
      )
      replica.process.kill('SIGCONT')
      await untilTrue(async () => (await ask('set n 0 0 1', '7')) === 'STORED')
      expect(await ask('incr n 1')).equal('8')
    })

    it('never sends a change that was held for too long', async () => {
      expect(await ask('set n 0 0 1', '0')).equal('STORED')
      const other = await gateway.connect()
      primary.process.kill('SIGSTOP')
      client.send(line('incr n 1'))
      const watcher = await gateway.connect()
      // The change and its WAIT are on their way.
      await untilTrue(async () => {
        watcher.send(line('stats gateway'))
        const figures = (await watcher.receiveUntil(line('END'))).toString()
        return new RegExp(`^STAT 127.0.0.1:${primary.port}:in_flight [2-9]\r?$`, 'm').test(figures)
      })
      other.send(line('incr n 1'))
      for (const each of [client, other])
        expect((await each.receiveUntil(line(''))).toString()).equal(`${FAILURE}\r\n`)
      primary.process.kill('SIGCONT')
      await untilTrue(async () => (await ask('set k 0 0 1', 'x')) === 'STORED')
      // The first one may be lost with its connection.
      expect(Number((await ask('get n')).split('\r\n')[1])).most(1)
      for (const each of [other, watcher]) each.close()
    })

    it('never makes a change twice', async () => {
      expect(await ask('set n 0 0 1', '0')).equal('STORED')
      let acknowledged = 0
      let unknown = 0
      for (let round = 0; round < 4; round++) {
        replica.process.kill('SIGSTOP')
        const replies = ask('incr n 1')
        const others = await Promise.all([gateway.connect(), gateway.connect()])
        await sleep(50)
        const held = others.map(async (other) => {
          other.send(line('incr n 1'))
          return (await other.receiveUntil(line(''))).toString().trimEnd()
        })
        for (const reply of [await replies, ...(await Promise.all(held))]) {
          if (reply === FAILURE) unknown++
          else acknowledged++
        }
        replica.process.kill('SIGCONT')
        await untilTrue(async () => (await ask('set other 0 0 1', 'x')) === 'STORED')
        for (const other of others) other.close()
      }
      expect(acknowledged + unknown).equal(12)
      expect(Number((await ask('get n')).split('\r\n')[1])).within(acknowledged, acknowledged + unknown)
    })

    it('serves again once its primary was stopped for longer than a request may take', async () => {
      expect(await ask('set n 0 0 1', '0')).equal('STORED')
      primary.process.kill('SIGSTOP')
      expect(await ask('incr n 1')).equal(FAILURE)
      expect(await ask('incr n 1')).equal(FAILURE)
      expect(await ask('incr n 1')).equal(FAILURE)
      primary.process.kill('SIGCONT')
      await untilTrue(async () => (await ask('set n 0 0 1', '7')) === 'STORED')
      expect(await ask('incr n 1')).equal('8')
    })
  })

  describe('of a cluster whose primaries are killed', function () {
    this.timeout(120_000 + COUNT * 10)
    const cluster = useEngine(() => RedisCluster.start({ replicaCount: 2 }))

    it(`neither loses nor doubles any of ${COUNT} acknowledged increments`, async () => {
      await cluster().untilReplicated()
      const gateway = await startGateway(cluster(), ACK)
      const clients = await Promise.all(Array.from({ length: 4 }, () => gateway.connect()))
      const load = new CountedLoad(clients, 16)
      await load.begin()
      const running = load.run()
      // A value that cannot be ends the wait.
      const until = (isTrue: () => boolean) =>
        Promise.race([untilTrue(async () => isTrue(), COUNT * 10 + 30_000), running])
      const killed = IS_LONG ? cluster().primaries : cluster().primaries.slice(0, 1)
      for (const [index, { process: primary }] of killed.entries()) {
        await until(() => load.acknowledgedCount >= (COUNT * (index + 1)) / (killed.length + 1))
        load.noteOutage()
        const killedMs = performance.now()
        primary.kill('SIGKILL')
        const promotedMs = whenPromoted(cluster(), index)
        await until(() => load.lastFailureMs > 0)
        await until(() => performance.now() - load.lastFailureMs > QUIET_MS)
        report(`primary ${index} was killed: ${outage(load, killedMs, await promotedMs)}`)
      }
      await until(() => load.acknowledgedCount >= COUNT)
      load.end()
      await running
      await load.check()
      report(`${load.acknowledgedCount} acknowledged, ${load.unknownCount} unknown`)
      for (const client of clients) client.close()
      await gateway.stop()
      expect(load.acknowledgedCount).least(COUNT)
      expect(load.unknownCount).above(0)
    })

    it('sends what waits for a node as soon as another has its slots', async () => {
      const gateway = await startGateway(cluster(), ['--gateway-timeout', '20000'])
      const client = await gateway.connect()
      const ask = async (...lines: string[]): Promise<string[]> => {
        client.send(line([...lines, 'mn'].join('\r\n')))
        return (await client.receiveUntil(line('MN'))).toString().split('\r\n').slice(0, -2)
      }
      const keys = Array.from({ length: 60 }, (_, index) => `waiting-${index}`)
      await ask(...keys.flatMap((key) => [`set ${key} 0 0 1`, '0']))
      const primary = await livingPrimary(cluster())
      await primary.client.call('wait', '1', '5000')
      const exit = once(primary.process, 'exit')
      primary.process.kill('SIGKILL')
      await exit
      // The gateway has seen the end of its connection.
      await untilTrue(async () =>
        (await ask('stats gateway')).includes(`STAT 127.0.0.1:${primary.port}:connected no`),
      )
      const sentMs = performance.now()
      expect(await ask(...keys.map((key) => `incr ${key} 1`))).deep.equal(keys.map(() => '1'))
      expect(performance.now() - sentMs).below(19_000)
      client.close()
      await gateway.stop()
    })
  })
})

function report(text: string): void {
  if (IS_LONG) console.log(`        ${text}`)
}

function outage(
  { firstFailureMs, lastFailureMs }: CountedLoad,
  killedMs: number,
  promotedMs: number,
): string {
  const [first, last, promoted] = [firstFailureMs, lastFailureMs, promotedMs].map((ms) =>
    Math.round(ms - killedMs),
  )
  return `a replica took over after ${promoted} ms; errors from ${first} to ${last} ms`
}

async function livingPrimary({ nodes }: RedisCluster): Promise<RedisNode> {
  for (const node of nodes) {
    if (node.process.signalCode !== null) continue
    if ((await node.client.info('replication')).includes('role:master')) return node
  }
  throw new Error('no primary is left')
}

/** When a replica of a primary has become one. */
async function whenPromoted({ nodes, primaries }: RedisCluster, index: number): Promise<number> {
  const replicas = nodes.filter((_, at) => at >= primaries.length && at % primaries.length === index)
  await untilTrue(async () => {
    const roles = await Promise.all(replicas.map(({ client }) => client.info('replication')))
    return roles.some((role) => role.includes('role:master'))
  })
  return performance.now()
}

/** A replica is sent the items without a delay for others. */
const SYNC_AT_ONCE = ['--repl-diskless-sync-delay', '0']
/** Longer than a failover takes. */
const QUIET_MS = 3000
