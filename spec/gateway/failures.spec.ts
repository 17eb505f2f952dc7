/** What happens when nodes of the engine fail, and when slots move. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { keySlot } from '../../lib/gateway/engines/key-slot.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { Op, request, statusOf } from '../support/frames.js'
import { LossyProxy } from '../support/lossy-proxy.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisCluster, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import { type ServerProcess, startServer } from '../support/server.js'
import { line } from '../support/text-replies.js'

const FAILURE = 'SERVER_ERROR temporary failure'
const TIMEOUT = ['--gateway-timeout', '300']

describe('A gateway whose engine fails', function () {
  needs(REDIS)
  this.slow(5000)
  let gateway: ServerProcess
  let client: Connection

  async function connectTo(engine: { readonly uri: string }, ...options: string[]): Promise<void> {
    gateway = await startGateway(engine, [...TIMEOUT, ...options])
    client = await gateway.connect()
  }
  afterEach(async () => {
    client.close()
    await gateway.stop()
  })

  /** The replies, without the ends of lines. */
  async function ask(...lines: string[]): Promise<string> {
    client.send(line([...lines, 'mn'].join('\r\n')))
    return (await client.receiveUntil(line('MN'))).toString('latin1').replace(/(\r\n)?MN\r\n$/, '')
  }

  const figure = async (name: string): Promise<number> =>
    Number(new RegExp(`^STAT ${name} (\\d+)\\r?$`, 'm').exec(await ask('stats gateway'))![1])

  describe('a single server', () => {
    let engine: RedisNode
    beforeEach(async () => {
      engine = await RedisNode.start()
      await connectTo(engine)
    })
    afterEach(() => engine.stop())

    it('answers with a failure, never with a miss, while the engine is stopped', async () => {
      await ask('set k 0 0 1', '1', 'set other 0 0 1', 'x')
      engine.process.kill('SIGSTOP')
      expect(await ask('get k')).equal(FAILURE)
      expect(await ask('get none other k none')).equal(FAILURE)
      expect(await ask('mg k v')).equal(FAILURE)
      expect(await ask('incr k 1')).equal(FAILURE)
      expect(await ask('delete other')).equal(FAILURE)
      const binary = await gateway.connect()
      binary.send(request(Op.GETQ, { key: 'k' }))
      expect(statusOf(await binary.receive(24))).equal(0x86)
      binary.close()
      engine.process.kill('SIGCONT')
      await untilTrue(async () => (await ask('get none')) === 'END')
      expect(await figure('timeouts')).above(5)
      expect(await figure(`127.0.0.1:${engine.port}:timeouts`)).above(0)
    })

    it('never counts twice, whether the reply was lost or late', async () => {
      await ask('set n 0 0 1', '0')
      let acknowledged = 0
      let unknown = 0
      for (let round = 0; round < 5; round++) {
        engine.process.kill('SIGSTOP')
        const replies = ask('incr n 1')
        setTimeout(() => engine.process.kill('SIGCONT'), round * 150)
        if ((await replies) === FAILURE) unknown++
        else acknowledged++
        await untilTrue(async () => (await ask('get none')) === 'END')
      }
      const count = Number((await ask('get n')).split('\r\n')[1])
      expect(count).within(acknowledged, acknowledged + unknown)
      expect(acknowledged + unknown).equal(5)
    })

    it('sends a get again whose reply was lost, and never a change', async () => {
      const proxy = await LossyProxy.before(engine.port)
      const other = await startGateway(proxy, ['--gateway-timeout', '5000'])
      const own = await other.connect()
      const reply = async (request: string, fence: string): Promise<string> => {
        own.send(line(request))
        return (await own.receiveUntil(line(fence))).toString()
      }
      // From now on the engine has the script.
      await reply('set n 0 0 1\r\n0\r\nincr n 0', 'STORED\r\n0')
      for (let round = 1; round <= 5; round++) {
        proxy.losesNext = true
        expect(await reply('incr n 1', 'failure')).equal(`${FAILURE}\r\n`)
        expect(await engine.client.getrange('kc:n', 20, -1)).equal(`${round}`)
        await untilTrue(async () => (await reply('get none', 'END')) === 'END\r\n')
        proxy.losesNext = true
        expect(await reply('get n', 'END')).equal(`VALUE n 0 1\r\n${round}\r\nEND\r\n`)
      }
      own.close()
      await other.stop()
      await proxy.stop()
    })

    it('serves again once the engine is back, with all scripts', async () => {
      await ask('set k 0 0 1', 'x')
      const { port } = engine
      await engine.stop()
      expect(await ask('set k 0 0 1', 'x')).equal(FAILURE)
      engine = await RedisNode.start([], { port })
      await untilTrue(async () => (await ask('set k 0 0 1', 'y')) === 'STORED')
      expect(await ask('get k')).equal('VALUE k 0 1\r\ny\r\nEND')
    })

    it('tries a request again once the engine is back, and not while it is away', async () => {
      const { port } = engine
      await engine.stop()
      expect(await ask('get k')).equal(FAILURE)
      expect(await figure('retries')).equal(0)
      client.send(line('get k'))
      engine = await RedisNode.start([], { port })
      await untilTrue(async () => (await ask('get k')).includes('END'))
      expect(await figure('retries')).below(5)
      expect(await figure(`127.0.0.1:${port}:retries`)).equal(await figure('retries'))
    })

    it('connects ever more rarely to what accepts connections and never replies', async () => {
      const { port } = engine
      await engine.stop()
      let connectionCount = 0
      const nothing = createServer((socket) => {
        connectionCount++
        socket.on('error', () => undefined).destroy()
      }).listen(port, '127.0.0.1')
      await once(nothing, 'listening')
      await sleep(2000)
      expect(connectionCount).within(1, 20)
      nothing.close()
      await once(nothing, 'close')
      engine = await RedisNode.start([], { port })
      await untilTrue(async () => (await ask('get k')) === 'END')
    })

    it('connects ever more rarely while its login is refused', async () => {
      const { port } = engine
      await engine.stop()
      const restart = (password: string) => RedisNode.start(['--requirepass', password], { port, password })
      engine = await restart('right')
      const login = { uri: `redis://:right@127.0.0.1:${port}` }
      const other = await startGateway(login, TIMEOUT)
      const own = await other.connect()
      const reply = async (): Promise<string> => {
        own.send(line('get none'))
        return (await own.receiveUntil(line(''))).toString()
      }
      expect(await reply()).equal('END\r\n')
      await engine.stop()
      engine = await restart('wrong')
      const end = Date.now() + 3000
      while (Date.now() < end) {
        expect(await reply()).equal(`${FAILURE}\r\n`)
        await sleep(10)
      }
      const accepted = /total_connections_received:(\d+)/.exec(await engine.client.info('stats'))
      // The specs' own connection, and those of the first gateway, are among them.
      expect(Number(accepted![1])).below(30)
      await engine.stop()
      engine = await restart('right')
      await untilTrue(async () => (await reply()) === 'END\r\n')
      own.close()
      await other.stop()
    })

    it('does not read from the engine once it has become a replica', async () => {
      expect(await ask('set k 0 0 1', 'x', 'get k')).equal('STORED\r\nVALUE k 0 1\r\nx\r\nEND')
      // A primary that is away: what the replica has is old.
      await engine.client.call('replicaof', '127.0.0.1', '1')
      await engine.client.call('client', 'kill', 'type', 'normal', 'skipme', 'yes')
      for (let round = 0; round < 5; round++) expect(await ask('get k')).equal(FAILURE)
      await engine.client.call('replicaof', 'no', 'one')
      await untilTrue(async () => (await ask('get k')) === 'VALUE k 0 1\r\nx\r\nEND')
    })

    it('answers out of memory when the engine is full', async () => {
      await engine.client.config('SET', 'maxmemory', '1')
      expect(await ask('set k 0 0 1', 'x')).equal('SERVER_ERROR out of memory storing object')
      expect(await ask('get k')).equal('END')
      await engine.client.config('SET', 'maxmemory', '0')
      expect(await ask('set k 0 0 1', 'x')).equal('STORED')
    })

    it('reads from an engine that takes no changes, also what is marked by a read', async () => {
      await ask('set k 0 100 1', 'x')
      await engine.client.config('SET', 'min-replicas-to-write', '1')
      expect(await ask('set k 0 0 1', 'y', 'gat 50 k', 'mg k v t h')).equal(
        `${FAILURE}\r\n${FAILURE}\r\nVA 1 t100 h0\r\nx`,
      )
    })

    it('reads, touches and deletes what a full engine has', async () => {
      await ask('set k 0 0 1', 'x', 'set stale 0 0 1', 'x', 'md stale I')
      await engine.client.config('SET', 'maxmemory', '1')
      expect(await ask('gat 100 k')).equal('VALUE k 0 1\r\nx\r\nEND')
      expect(await ask('touch k 200', 'mg k v t', 'mg k v h T50')).equal(
        'TOUCHED\r\nVA 1 t200\r\nx\r\nVA 1 h0\r\nx',
      )
      // That a client renews it cannot be noted: then none is told to.
      expect(await ask('mg stale v', 'mg stale v')).equal('VA 1 X\r\nx\r\nVA 1 X\r\nx')
      expect(await ask('delete k', 'get k')).equal('DELETED\r\nEND')
      await engine.client.config('SET', 'maxmemory', '0')
      expect(await ask('mg stale v', 'mg stale v')).equal('VA 1 X W\r\nx\r\nVA 1 Z X\r\nx')
    })
  })

  describe('a cluster', () => {
    const cluster = useEngine(() => RedisCluster.start())
    beforeEach(() => connectTo(cluster()))

    it('follows a slot while it moves, and after it has moved', async () => {
      const key = 'moving'
      const slot = `${keySlot(Buffer.from(`kc:${key}`))}`
      const index = Math.floor(Number(slot) / Math.ceil(16384 / 3))
      const source = cluster().primaries[index]!
      const target = cluster().primaries[(index + 1) % 3]!
      expect(await ask(`set ${key} 0 0 1`, '0')).equal('STORED')
      await target.ask('setslot', slot, 'importing', await source.ask('myid'))
      await source.ask('setslot', slot, 'migrating', await target.ask('myid'))
      expect(await ask(`incr ${key} 1`, `get ${key}`)).equal(`1\r\nVALUE ${key} 0 1\r\n1\r\nEND`)
      await source.client.call('migrate', '127.0.0.1', `${target.port}`, `kc:${key}`, '0', '1000')
      await source.client.script('FLUSH')
      await target.client.script('FLUSH')
      expect(await ask(`incr ${key} 1`, `get ${key}`)).equal(`2\r\nVALUE ${key} 0 1\r\n2\r\nEND`)
      const redirections = await figure('redirections')
      expect(redirections).above(0)
      expect(await figure(`127.0.0.1:${source.port}:redirections`)).within(1, redirections)
      for (const node of [target, source, ...cluster().primaries])
        await node.ask('setslot', slot, 'node', await target.ask('myid'))
      for (let round = 3; round < 10; round++) expect(await ask(`incr ${key} 1`)).equal(`${round}`)
      const before = await figure('redirections')
      expect(await ask(`incr ${key} 1`)).equal('10')
      expect(await figure('redirections')).equal(before)
    })

    it('never takes a key of a node that fails for a missing one, wherever it is in a line', async () => {
      const keys = Array.from({ length: 12 }, (_, index) => `line-${index}`)
      for (const key of keys) await ask(`set ${key} 0 0 1`, 'x')
      const [stopped] = cluster().primaries
      const isOnStopped = (key: string) => keySlot(Buffer.from(`kc:${key}`)) < Math.ceil(16384 / 3)
      const lost = keys.filter(isOnStopped)
      const found = keys.filter((key) => !isOnStopped(key))
      expect([lost.length, found.length].every((count) => count > 0)).equal(true)
      stopped!.process.kill('SIGSTOP')
      try {
        const values = found.map((key) => `VALUE ${key} 0 1\r\nx\r\n`).join('')
        expect(await ask(`get ${lost[0]} ${found.join(' ')}`)).equal(`${values}${FAILURE}`)
        expect(await ask(`get ${found.join(' ')}`)).equal(`${values}END`)
        expect(await ask(`incr ${lost[0]} 1`, `get ${found[0]}`)).equal(
          `${FAILURE}\r\nVALUE ${found[0]} 0 1\r\nx\r\nEND`,
        )
      } finally {
        stopped!.process.kill('SIGCONT')
      }
      await untilTrue(async () => !(await ask(`get ${lost[0]}`)).includes(FAILURE))
    })

    it('goes on with the replica of a primary that was killed, and loses no more than was unknown', async () => {
      const keys = Array.from({ length: 60 }, (_, index) => `counter-${index}`)
      const counted = new Map(keys.map((key) => [key, { acknowledged: 0, unknown: 0 }]))
      for (const key of keys) await ask(`set ${key} 0 0 1`, '0')
      const [, , killed] = cluster().primaries
      await untilTrue(async () =>
        (await cluster().nodes[5]!.client.info('replication')).includes('link_status:up'),
      )
      // Everything acknowledged so far is on the replicas.
      expect(await killed!.client.call('wait', '1', '5000')).equal(1)
      killed!.process.kill('SIGKILL')
      let failures = 0
      let isBack = false
      await untilTrue(async () => {
        const replies = (await ask(...keys.map((key) => `incr ${key} 1`))).split('\r\n')
        expect(replies.length).equal(keys.length)
        for (const [index, reply] of replies.entries()) {
          const counts = counted.get(keys[index]!)!
          if (reply === FAILURE) counts.unknown++
          else counts.acknowledged++
        }
        const failed = replies.filter((reply) => reply === FAILURE).length
        failures += failed
        isBack = failures > 0 && failed === 0
        return isBack
      })
      for (const [key, { acknowledged, unknown }] of counted) {
        const [, value] = (await ask(`get ${key}`)).split('\r\n')
        expect(Number(value), key).within(acknowledged, acknowledged + unknown)
      }
    })
  })
})

describe('A gateway that is stopped', function () {
  needs(REDIS)
  this.slow(5000)
  const engine = useEngine(() => RedisNode.start())

  for (const threads of ['1', '2'])
    describe(`with -t ${threads}`, () => {
      const REQUESTS = Array.from({ length: 300 }, (_, index) => `incr n${index % 2} 1`).join('\r\n')
      let gateway: ServerProcess
      let client: Connection
      let idle: Connection

      beforeEach(async () => {
        await engine().client.flushall()
        gateway = await startGateway(engine(), ['-t', threads, '--gateway-timeout', '4000'])
        client = await gateway.connect()
        idle = await gateway.connect()
        client.send(line('set n0 0 0 1\r\n0\r\nset n1 0 0 1\r\n0\r\nmn'))
        await client.receiveUntil(line('MN'))
      })
      afterEach(async () => {
        engine().process.kill('SIGCONT')
        for (const each of [client, idle]) each.close()
        await gateway.stop('SIGKILL')
      })

      it('answers what it has read', async () => {
        engine().process.kill('SIGSTOP')
        client.send(line(REQUESTS))
        await sleep(300)
        const stopped = gateway.stop()
        // The server has begun to stop.
        expect((await idle.receiveRest()).bytes.length).equal(0)
        engine().process.kill('SIGCONT')
        const { bytes } = await client.receiveRest()
        const numbers = bytes.toString().trimEnd().split('\r\n').map(Number)
        expect(numbers).deep.equal(Array.from({ length: 300 }, (_, index) => Math.floor(index / 2) + 1))
        expect(await stopped).equal(0)
      })

      it('ends with failures if the engine does not reply', async () => {
        engine().process.kill('SIGSTOP')
        client.send(line('get n0'))
        await sleep(300)
        const stopped = gateway.stop()
        expect((await client.receiveRest()).bytes.toString()).equal(`${FAILURE}\r\n`)
        expect(await stopped).equal(0)
      })
    })
})

describe('A gateway', () => {
  needs(REDIS)

  it('waits for an engine that is started later, if it is told to', async () => {
    // It has tried once before there is an engine.
    const nothing = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(nothing, 'listening')
    const { port } = nothing.address() as AddressInfo
    const tried = once(nothing, 'connection')
    const options = ['-t', '1', '--gateway', `redis://127.0.0.1:${port}`, '--gateway-wait', '30']
    const starting = startServer({ options: [...options, '--gateway-timeout', '200'] })
    await tried
    nothing.close()
    // Longer than one try takes.
    await sleep(600)
    const engine = await RedisNode.start([], { port })
    const gateway = await starting
    const client = await gateway.connect()
    const store = async (): Promise<string> => {
      client.send(line('set k 0 0 1\r\nx\r\nmn'))
      return `${await client.receiveUntil(line('MN'))}`
    }
    // A busy machine may need longer than 200 ms for one request.
    expect(await eventually('STORED\r\nMN\r\n', store)).to.include('STORED')
    client.close()
    await gateway.stop()
    await engine.stop()
  })
})
