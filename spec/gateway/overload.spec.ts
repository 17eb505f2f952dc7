/** What a slow engine, one that hangs, and values that it refuses cost other requests. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { keySlot } from '../../lib/gateway/engines/key-slot.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { LossyProxy } from '../support/lossy-proxy.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisCluster, RedisNode, startGateway, untilTrue } from '../support/redis.js'
import type { ServerProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'

const FAILURE = 'SERVER_ERROR temporary failure'

describe('A gateway whose engine is overloaded', function () {
  needs(REDIS)
  this.slow(20_000)
  this.timeout(120_000)
  let gateway: ServerProcess
  let client: Connection
  const stops: (() => Promise<void>)[] = []

  afterEach(async () => {
    client?.close()
    await gateway?.stop('SIGKILL')
    for (const stop of stops.splice(0)) await stop()
  })

  async function connectTo(engine: { readonly uri: string }, ...options: string[]): Promise<void> {
    // A busy machine may need longer than their timeout for the first replies.
    gateway = await startGateway(engine, [...options, '--gateway-wait', '60'])
    client = await gateway.connect()
  }

  async function ask(...lines: string[]): Promise<string> {
    client.send(line([...lines, 'mn'].join('\r\n')))
    return (await client.receiveUntil(line('MN'))).toString('latin1').replace(/(\r\n)?MN\r\n$/, '')
  }

  const figure = async (name: RegExp): Promise<number> =>
    Number(new RegExp(`^STAT \\S*${name.source} (\\d+)\r?$`, 'm').exec(await ask('stats gateway'))![1])

  it('gives up what is on its way to a node that replies too late, over and over', async () => {
    const engine = await RedisNode.start()
    const proxy = await LossyProxy.before(engine.port)
    stops.push(
      () => proxy.stop(),
      () => engine.stop(),
    )
    await connectTo(proxy, '--gateway-timeout', '200')
    // From now on the engine has the scripts.
    const stored = 'STORED\r\nNOT_FOUND'
    expect(await eventually(stored, () => ask('set k 0 0 1', 'x', 'incr none 1'))).equal(stored)
    // About fifty replies in a second.
    proxy.pieceLength = 10
    const others = await Promise.all(Array.from({ length: 20 }, () => gateway.connect()))
    let mostInFlight = 0
    let failureCount = 0
    let isOver = false
    const load = others.map(async (other, index) => {
      while (!isOver) {
        other.send(
          line(
            Array.from({ length: 10 }, (_, n) => `incr none-${index}-${n} 1`)
              .concat('mn')
              .join('\r\n'),
          ),
        )
        const replies = (await other.receiveUntil(line('MN'))).toString()
        failureCount += replies.split(FAILURE).length - 1
      }
    })
    // Many times as many as the bound have failed: without it all of them would be on their way.
    await untilTrue(async () => {
      mostInFlight = Math.max(mostInFlight, await figure(/:in_flight/))
      return failureCount > 6000
    }, 90_000)
    isOver = true
    await Promise.all(load)
    for (const other of others) other.close()
    expect(mostInFlight).below(3000)
    proxy.pieceLength = Number.POSITIVE_INFINITY
    await untilTrue(async () => (await ask('get k')) === 'VALUE k 0 1\r\nx\r\nEND')
  })

  it('serves the other nodes while one hangs that most clients want', async () => {
    const cluster = await RedisCluster.start()
    stops.push(() => cluster.stop())
    for (const node of cluster.nodes) await node.client.config('SET', 'cluster-require-full-coverage', 'no')
    await connectTo(cluster, '--gateway-timeout', '4000')
    const keys = Array.from({ length: 1000 }, (_, index) => `key-${index}`)
    const isFirst = (key: string) => keySlot(Buffer.from(`kc:${key}`)) < Math.ceil(16384 / 3)
    const wanted = keys.find((key) => !isFirst(key))!
    const hanging = keys.filter(isFirst)
    expect(await ask(`set ${wanted} 0 0 1`, 'x')).equal('STORED')
    for (const index of [3, 0]) cluster.nodes[index]!.process.kill('SIGSTOP')
    const others = await Promise.all(Array.from({ length: 80 }, () => gateway.connect()))
    for (const other of others)
      other.send(
        line(Array.from({ length: 3000 }, (_, n) => `get ${hanging[n % hanging.length]}`).join('\r\n')),
      )
    // The room is taken, and the node has been silent for long enough.
    await sleep(3000)
    const times: number[] = []
    while (times.length < 50) {
      const sentMs = performance.now()
      expect(await ask(`get ${wanted}`)).equal(`VALUE ${wanted} 0 1\r\nx\r\nEND`)
      times.push(performance.now() - sentMs)
    }
    for (const other of others) other.close()
    // Without the bound each of them waits until requests of the others fail: up to four seconds.
    expect(times.sort((one, other) => one - other)[25]).below(1000)
  })

  it('refuses values that the engine would not take, and no request of others fails', async () => {
    const engine = await RedisNode.start(['--proto-max-bulk-len', '1mb'])
    stops.push(() => engine.stop())
    await connectTo(engine, '-I', '4m')
    const refused = 'SERVER_ERROR object too large for cache'
    const long = 'v'.repeat(1024 * 1024 - 19)
    const half = 'w'.repeat(600_000)
    expect((await ask('set k 0 0 1', 'x', `set k 0 0 ${long.length}`, long, 'get k')).slice(0, 80)).equal(
      `STORED\r\n${refused}\r\nEND`,
    )
    expect(await ask(`set k 0 0 ${long.length - 1}`, long.slice(1))).equal('STORED')
    expect(await ask(`set k 0 0 ${half.length}`, half, `append k 0 0 ${half.length}`, half)).equal(
      `STORED\r\nNOT_STORED`,
    )
    expect(await figure(/:lost/)).equal(0)
  })
})
