import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Redis } from 'iovalkey'
import type { Connection } from '../support/connection.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import { useProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'

describe('Items on the engine', () => {
  needs(REDIS)
  const engine = useEngine(() => RedisNode.start())
  const server = useProcess(() => startGateway(engine(), ['--gateway-prefix', 'p*:']))
  let client: Connection
  let redis: Redis

  beforeEach(async () => {
    client = await server().connect()
    redis = engine().client
    await redis.flushall()
  })
  afterEach(() => client.close())

  /** All replies to the lines, and to a fence behind them. */
  async function replies(...lines: string[]): Promise<string[]> {
    client.send(line([...lines, 'mn'].join('\r\n')))
    const received = await client.receiveUntil(line('MN'))
    return received.toString('latin1').split('\r\n').slice(0, -2)
  }

  const casOf = async (key: string): Promise<bigint> => BigInt((await replies(`mg ${key} c`))[0]!.slice(4))

  it('are a header and the value, under the key with the prefix', async () => {
    await replies('set key 258 0 5', 'value')
    const item = (await redis.getBuffer('p*:key'))!
    const cas = await casOf('key')
    expect(item.toString('latin1', 0, 2)).equal('KC')
    expect(item[2]).equal(1)
    expect(item[3]).equal(0)
    expect(Math.abs(item.readUInt32BE(4) - Date.now() / 1000)).below(60)
    expect(item.readUInt32BE(8)).equal(258)
    expect(item.readBigUInt64BE(12)).equal(cas)
    expect(item.toString('latin1', 20)).equal('value')
    expect(await redis.pttl('p*:key')).equal(-1)
  })

  it('have their marks and expiry on the engine', async () => {
    await replies('ms key 1 T100', 'x', 'md key I', 'mg key v h')
    const item = (await redis.getBuffer('p*:key'))!
    expect(item[3]).equal(1 | 2 | 4)
    const left = await redis.pttl('p*:key')
    expect(left).within(90_000, 100_000)
  })

  it('get a cas that is larger than all before, also after a deletion', async () => {
    const seen: bigint[] = []
    for (let round = 0; round < 20; round++) {
      await replies('set key 0 0 1', '1')
      seen.push(await casOf('key'))
      await replies('incr key 1')
      seen.push(await casOf('key'))
      await replies('append key 0 0 1', '0')
      seen.push(await casOf('key'))
      await replies('delete key')
    }
    expect(seen).deep.equal([...new Set(seen)].sort((one, other) => (one < other ? -1 : 1)))
  })

  it('get a cas above one that a client has set', async () => {
    await replies('ms key 1 E9007199254740993000', 'x', 'append key 0 0 1', 'y')
    expect(await casOf('key')).equal(9007199254740993001n)
    await replies('ms key 1 E18446744073709551615', 'x')
    expect(await casOf('key')).equal(18446744073709551615n)
    await replies('append key 0 0 1', 'y')
    expect((await casOf('key')) < 18446744073709551615n).equal(true)
  })

  it('count in 64 bits', async () => {
    const sums = [
      ['18446744073709551615', 'incr n 1', '0'],
      ['18446744073709551610', 'incr n 18446744073709551615', '18446744073709551609'],
      ['9223372036854775807', 'incr n 1', '9223372036854775808'],
      ['4294967295', 'incr n 1', '4294967296'],
      ['4294967296', 'decr n 1', '4294967295'],
      ['18446744073709551615', 'decr n 18446744073709551614', '1'],
      ['3', 'decr n 18446744073709551615', '0'],
      ['00000000000000000000009', 'incr n 1', '10'],
      ['18446744073709551616', 'incr n 1', 'CLIENT_ERROR cannot increment or decrement non-numeric value'],
      ['12a', 'incr n 1', 'CLIENT_ERROR cannot increment or decrement non-numeric value'],
    ] as const
    for (const [before, request, after] of sums)
      expect(await replies(`set n 0 0 ${before.length}`, before, request)).deep.equal(['STORED', after])
  })

  it('are not found where the prefix has data of others', async () => {
    await redis.set('p*:text', 'something else, and longer than a header')
    await redis.set('p*:KC', 'KC\x02 of a later version, with enough bytes')
    await redis.set('p*:short', 'KC\x01')
    await redis.set('p*:empty', '')
    await redis.rpush('p*:list', 'a', 'b')
    await redis.hset('p*:hash', 'a', 'b')
    for (const key of ['text', 'KC', 'short', 'empty', 'list', 'hash']) {
      expect(await replies(`get ${key}`, `mg ${key} v t`, `me ${key}`), key).deep.equal(['END', 'EN', 'EN'])
      expect(await replies(`incr ${key} 1`, `touch ${key} 9`), key).deep.equal(['NOT_FOUND', 'NOT_FOUND'])
      expect(await replies(`append ${key} 0 0 1`, 'x', `md ${key} I`), key).deep.equal(['NOT_STORED', 'NF'])
      expect(await replies(`replace ${key} 0 0 1`, 'x', `md ${key} C1`), key).deep.equal(['NOT_STORED', 'NF'])
    }
    expect(await replies('lru_crawler metadump all')).deep.equal(['OK', 'END'])
    for (const key of ['text', 'list', 'hash'])
      expect(await replies(`add ${key} 0 0 1`, 'x', `get ${key}`)).deep.equal([
        'STORED',
        `VALUE ${key} 0 1`,
        'x',
        'END',
      ])
    await redis.set('p*:string', 'of others')
    await redis.rpush('p*:queue', 'a')
    for (const key of ['string', 'queue']) {
      expect(await replies(`delete ${key}`)).deep.equal(['NOT_FOUND'])
      expect(await redis.exists(`p*:${key}`)).equal(0)
    }
    expect(await replies('set later 0 -1 1', 'x', 'get later')).deep.equal(['STORED', 'END'])
  })

  it('are flushed and listed only where they have the prefix', async () => {
    await redis.set('p:other', 'stays')
    await redis.set('pxx:other', 'stays')
    for (let index = 0; index < 1200; index++) client.send(line(`set k${index} 0 100 1 noreply\r\nx`))
    const listed = await replies('lru_crawler metadump all')
    const keys = listed.join().matchAll(/key=(\S+) exp=\d+ la=\d+ cas=\d+ fetch=no cls=1 size=\d+ flags=0\n/g)
    expect(new Set([...keys].map(([, key]) => key)).size).equal(1200)
    expect(await replies('flush_all')).deep.equal(['OK'])
    expect((await redis.keys('*')).sort()).deep.equal(['p:other', 'pxx:other'])
  })

  it('are flushed by what their keys begin with', async () => {
    await replies(...['a:1', 'a:2', 'a*', 'b:1'].flatMap((key) => [`set ${key} 0 0 1`, 'x']))
    expect(await replies('flush_prefix a*')).deep.equal(['OK'])
    expect((await redis.keys('*')).sort()).deep.equal(['p*:a:1', 'p*:a:2', 'p*:b:1'])
    expect(await replies('flush_prefix a:', 'get a:1 a:2')).deep.equal(['OK', 'END'])
    expect(await redis.keys('*')).deep.equal(['p*:b:1'])
  })

  it('live until a delayed flush, unless a later one replaces it', async () => {
    await replies('set key 0 0 1', 'x', 'flush_all 1', 'flush_all 100')
    // Longer than the first one would have taken.
    await sleep(2000)
    expect(await replies('get key')).deep.equal(['VALUE key 0 1', 'x', 'END'])
    await replies('flush_all 1')
    await untilTrue(async () => (await redis.exists('p*:key')) === 0)
    expect(await replies('get key')).deep.equal(['END'])
  })
})
