/** Gets that replicas of the engine answer (--gateway-reads replica). */
import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisCluster, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import type { ServerProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'

/** A replica has a quarter of the time. */
const OPTIONS = ['--gateway-reads', 'replica', '--gateway-timeout', '8000']

describe('A gateway that reads from replicas', function () {
  needs(REDIS)
  this.slow(20_000)
  let gateway: ServerProcess
  let client: Connection

  async function connectTo(engine: { readonly uri: string }): Promise<void> {
    gateway = await startGateway(engine, OPTIONS)
    client = await gateway.connect()
  }

  afterEach(async () => {
    client.close()
    await gateway.stop()
  })

  async function ask(...lines: string[]): Promise<string> {
    client.send(line([...lines, 'mn'].join('\r\n')))
    return (await client.receiveUntil(line('MN'))).toString('latin1').replace(/(\r\n)?MN\r\n$/, '')
  }

  const figure = async (name: string): Promise<number> =>
    Number(new RegExp(`^STAT ${name} (\\d+)\\r?$`, 'm').exec(await ask('stats gateway'))![1])

  /** Gets until one comes from a replica: connections to replicas are opened beside the others. */
  const untilRead = (key: string): Promise<void> =>
    untilTrue(async () => {
      await ask(`get ${key}`)
      return (await figure('replica_reads')) > 0
    })

  describe('of a single server', () => {
    let primary: RedisNode
    let replica: RedisNode

    beforeEach(async () => {
      primary = await RedisNode.start(['--repl-diskless-sync-delay', '0'])
      replica = await RedisNode.start(['--replicaof', '127.0.0.1', `${primary.port}`])
      await untilReplicated()
      await connectTo(primary)
      expect(await ask('set k 0 0 1', 'x')).equal('STORED')
      await untilReplicated()
      await untilRead('k')
    })
    afterEach(() => Promise.all([primary.stop(), replica.stop()]))

    const untilReplicated = (): Promise<void> =>
      untilTrue(async () => String(await primary.client.call('wait', '1', '500')) === '1')

    it('sends gets there, and all else to the primary', async () => {
      const before = await Promise.all([callsOf(primary), callsOf(replica)])
      for (let round = 0; round < 20; round++) {
        expect(await ask('get k', 'mg k v')).equal('VALUE k 0 1\r\nx\r\nEND\r\nVA 1\r\nx')
      }
      const after = await Promise.all([callsOf(primary), callsOf(replica)])
      expect(after[0] - before[0]).equal(0)
      expect(after[1] - before[1]).within(20, 40)
      expect(await ask('gat 100 k', 'mg k v t', 'append k 0 0 1', 'y', 'incr k 1', 'delete k')).equal(
        `VALUE k 0 1\r\nx\r\nEND\r\nVA 1 t100\r\nx\r\nSTORED\r\n${NOT_A_NUMBER}\r\nDELETED`,
      )
      expect(await callsOf(replica)).equal(after[1])
      expect(await ask('stats gateway')).include(`STAT replica:127.0.0.1:${replica.port}:connected yes`)
    })

    it('asks the primary for what the replica does not have', async () => {
      const before = await callsOf(primary)
      const reads = await figure('replica_reads')
      expect(await ask('get none')).equal('END')
      expect((await callsOf(primary)) - before).equal(1)
      expect(await figure('replica_reads')).equal(reads)
    })

    it('goes back to the primary when the replica is killed, without a failure', async () => {
      let rounds = 0
      const gets = async () => {
        for (; rounds < 300; rounds++) {
          if (rounds === 100) replica.process.kill('SIGKILL')
          expect(await ask('get k', 'mg k v')).equal('VALUE k 0 1\r\nx\r\nEND\r\nVA 1\r\nx')
        }
      }
      await gets()
      expect(rounds).equal(300)
      expect(await ask('set k 0 0 1', 'y', 'get k')).equal('STORED\r\nVALUE k 0 1\r\ny\r\nEND')
    })

    it('goes back to the primary when the replica does not reply, without a failure', async () => {
      replica.process.kill('SIGSTOP')
      await untilTrue(async () => {
        const before = await callsOf(primary)
        expect(await ask('get k')).equal('VALUE k 0 1\r\nx\r\nEND')
        expect((await callsOf(primary)) - before).equal(1)
        // The primary has not heard from it for a while.
        return !(await ask('stats gateway')).includes('replica:')
      })
      replica.process.kill('SIGCONT')
      const reads = await figure('replica_reads')
      await untilTrue(async () => {
        expect(await ask('get k')).equal('VALUE k 0 1\r\nx\r\nEND')
        return (await figure('replica_reads')) > reads
      })
    })

    it('does not read from a replica whose link is broken', async () => {
      await replica.client.replicaof('127.0.0.1', 1)
      await untilTrue(async () => !(await ask('stats gateway')).includes('replica:'))
      expect(await ask('set k 0 0 1', 'y')).equal('STORED')
      expect(await replica.client.getrange('kc:k', 20, -1)).equal('x')
      for (let round = 0; round < 50; round++) expect(await ask('get k')).equal('VALUE k 0 1\r\ny\r\nEND')
    })
  })

  describe('of a cluster', () => {
    const cluster = useEngine(() => RedisCluster.start())

    it('sends gets to all of them', async () => {
      await cluster().untilReplicated()
      await connectTo(cluster())
      const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`)
      await ask(...keys.flatMap((key) => [`set ${key} 0 0 1`, 'x']))
      await cluster().untilReplicated()
      const { nodes, primaries } = cluster()
      const replicas = nodes.slice(primaries.length)
      const found = keys.map((key) => `VALUE ${key} 0 1\r\nx\r\nEND`).join('\r\n')
      await untilTrue(async () => {
        expect(await ask(...keys.map((key) => `get ${key}`))).equal(found)
        return (await Promise.all(replicas.map(callsOf))).every((count) => count > 0)
      })
      const before = await Promise.all(primaries.map(callsOf))
      expect(await ask(...keys.map((key) => `get ${key}`))).equal(found)
      expect(await Promise.all(primaries.map(callsOf))).deep.equal(before)
      expect(await figure('redirections')).equal(0)
    })
  })
})

async function callsOf({ client }: RedisNode): Promise<number> {
  return Number(/cmdstat_get:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0)
}

const NOT_A_NUMBER = 'CLIENT_ERROR cannot increment or decrement non-numeric value'
