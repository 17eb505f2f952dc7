/** How a connection forwards requests: in order, several at once, and only as many as it may. */
import { expect } from 'chai'
import type { Redis } from 'iovalkey'
import type { Connection } from '../support/connection.js'
import { itemExtras, Op, opaqueOf, request, splitFrames, statusOf } from '../support/frames.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisNode, startGateway, untilTrue, useEngine } from '../support/redis.js'
import { useProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'

/** No request fails while the machine is busy. */
const PATIENT = ['--gateway-timeout', '20000']

describe('A connection of a gateway', function () {
  needs(REDIS)
  this.slow(5000)
  const engine = useEngine(() => RedisNode.start())
  const server = useProcess(() => startGateway(engine(), ['-m', '32', '-I', '4m', ...PATIENT]))
  let client: Connection
  let redis: Redis

  beforeEach(async () => {
    client = await server().connect()
    redis = engine().client
    await redis.flushall()
  })
  afterEach(() => client.close())

  async function repliesTo(bytes: Buffer): Promise<string> {
    client.send(Buffer.concat([bytes, line('mn')]))
    return (await client.receiveUntil(line('MN'))).toString('latin1').slice(0, -4)
  }

  it('answers a thousand requests of one write in their order', async () => {
    const numbers = Array.from({ length: 1000 }, (_, index) => index)
    const stored = await repliesTo(Buffer.concat(numbers.map((n) => line(`set k${n} ${n} 0 1\r\nx`))))
    expect(stored).equal('STORED\r\n'.repeat(1000))
    const found = await repliesTo(Buffer.concat(numbers.map((n) => line(`get k${n}`))))
    expect(found).equal(numbers.map((n) => `VALUE k${n} ${n} 1\r\nx\r\nEND\r\n`).join(''))
  })

  it('sees its own changes, however they are mixed', async () => {
    const requests = Array.from({ length: 200 }, (_, n) => [
      `set n 0 0 ${`${n}`.length}\r\n${n}`,
      'incr n 1',
      'get n',
      'delete other',
      'append n 0 0 1\r\n0',
      'get n',
    ])
    const expected = requests.map((_, n) => {
      const sum = `${n + 1}`
      const found = (text: string) => `VALUE n 0 ${text.length}\r\n${text}\r\nEND`
      return ['STORED', sum, found(sum), 'NOT_FOUND', 'STORED', found(`${sum}0`)].join('\r\n')
    })
    const replies = await repliesTo(line(requests.flat().join('\r\n')))
    expect(replies).equal(line(expected.join('\r\n')).toString())
  })

  it('reads an item before a get behind it marks the item', async () => {
    for (let round = 0; round < 10; round++) {
      await repliesTo(line('ms k 1 T30\r\nx'))
      expect(await repliesTo(line('mg k\r\nmg k R60\r\nmg k'))).equal('HD\r\nHD W\r\nHD Z\r\n')
      await repliesTo(line('md k I'))
      expect(await repliesTo(line('mg k v\r\nmg k v t'))).equal('VA 1 X W\r\nx\r\nVA 1 t30 Z X\r\nx\r\n')
    }
  })

  it('keeps the order although the engine has lost its scripts', async () => {
    await repliesTo(line('set n 0 0 1\r\n0'))
    for (let round = 0; round < 20; round++) {
      await redis.script('FLUSH')
      const replies = await repliesTo(line('incr n 1\r\nget n\r\nincr n 1\r\nget n'))
      const [one, two] = [2 * round + 1, 2 * round + 2].map(String) as [string, string]
      const found = (number: string) => `VALUE n 0 ${number.length}\r\n${number}\r\nEND`
      expect(replies).equal(line([one, found(one), two, found(two)].join('\r\n')).toString())
    }
  })

  it('answers what was sent before the end of its client', async () => {
    client.send(line('set k 0 0 1\r\nx\r\nget k\r\nget none\r\nincr k 1\r\nversion'))
    client.endSide()
    const { bytes, ending } = await client.receiveRest()
    expect(bytes.toString()).match(
      /^STORED\r\nVALUE k 0 1\r\nx\r\nEND\r\nEND\r\nCLIENT_ERROR .*\r\nVERSION .*\r\n$/,
    )
    expect(ending).equal('end of stream')
  })

  it('answers a request before the end of its client, if nothing else is open', async () => {
    await repliesTo(line('set k 0 0 1\r\nx'))
    client.send(line('get k'))
    client.endSide()
    const { bytes, ending } = await client.receiveRest()
    expect(bytes.toString()).equal('VALUE k 0 1\r\nx\r\nEND\r\n')
    expect(ending).equal('end of stream')
  })

  it('flushes what it has stored before, also if the engine has lost its scripts', async () => {
    for (let round = 0; round < 10; round++) {
      await redis.script('FLUSH')
      const replies = await repliesTo(line('set k 0 0 1\r\nx\r\nflush_all\r\nget k'))
      expect(replies).equal('STORED\r\nOK\r\nEND\r\n')
    }
  })

  it('ends after quit, and not before its turn', async () => {
    client.send(line('set k 0 0 1\r\nx\r\nget k\r\nquit\r\nget k'))
    const { bytes, ending } = await client.receiveRest()
    expect(bytes.toString()).equal('STORED\r\nVALUE k 0 1\r\nx\r\nEND\r\n')
    expect(ending).equal('end of stream')
  })

  it('returns the opaque of each binary request, and errors between them', async () => {
    const frames = Array.from({ length: 300 }, (_, opaque) => {
      if (opaque % 3 === 0)
        return request(Op.SET, { key: `k${opaque}`, value: 'v', extras: itemExtras(), opaque })
      return opaque % 3 === 1 ? request(0x70, { opaque }) : request(Op.GET, { key: `k${opaque - 2}`, opaque })
    })
    client.send(Buffer.concat([...frames, request(Op.QUIT)]))
    const { bytes } = await client.receiveRest()
    const replies = splitFrames(bytes).slice(0, -1)
    expect(replies.map(opaqueOf)).deep.equal(frames.map((_, opaque) => opaque))
    expect(replies.map(statusOf)).deep.equal(frames.map((_, opaque) => (opaque % 3 === 1 ? 0x81 : 0)))
  })

  for (const [name, opcode] of [
    ['VERSION', Op.VERSION],
    ['NOOP', Op.NOOP],
    ['SASL_AUTH', Op.SASL_AUTH],
  ] as const)
    it(`refuses a malformed ${name} behind an open request, and ends`, async () => {
      const malformed = request(opcode, { extras: 'wrong', opaque: 2 })
      client.send(Buffer.concat([request(Op.GET, { key: 'k', opaque: 1 }), malformed, request(Op.NOOP)]))
      const { bytes, ending } = await client.receiveRest()
      const replies = splitFrames(bytes)
      expect(replies.map((frame) => [opaqueOf(frame), statusOf(frame)])).deep.equal([
        [1, 0x01],
        [2, 0x04],
      ])
      expect(ending).equal('end of stream')
    })

  for (const length of [16_000, 70_000, 1_000_000, 3_900_000])
    it(`stores and returns values of ${length} bytes among others`, async () => {
      const value = Buffer.alloc(length, 'abcdefghij')
      const store = Buffer.concat([line(`set long 7 0 ${length}`), value, line('')])
      const replies = await repliesTo(
        Buffer.concat([
          line('get short'),
          store,
          line('get long\r\nset short 0 0 1\r\nx'),
          store,
          line('get long'),
        ]),
      )
      const found = `VALUE long 7 ${length}\r\n${value}\r\nEND\r\n`
      expect(replies === `END\r\nSTORED\r\n${found}STORED\r\nSTORED\r\n${found}`).equal(true)
    })

  it('answers what has no value right behind a value that is nearly as long as may be', async () => {
    const length = 3_900_000
    const store = Buffer.concat([line(`set long 0 0 ${length}`), Buffer.alloc(length, 'x'), line('')])
    expect(await repliesTo(store)).equal('STORED\r\n')
    expect(await repliesTo(Buffer.concat([store, line('version\r\nverbosity 1')]))).match(
      /^STORED\r\nVERSION .*\r\nOK\r\n$/,
    )
  })

  it('removes the old value if the new one is too large', async () => {
    const length = 4 * 1024 * 1024
    const large = Buffer.concat([line(`set k 0 0 ${length}`), Buffer.alloc(length), line('')])
    const replies = await repliesTo(Buffer.concat([line('set k 0 0 1\r\nx\r\nget k'), large, line('get k')]))
    const refused = 'SERVER_ERROR object too large for cache'
    expect(replies).equal(`STORED\r\nVALUE k 0 1\r\nx\r\nEND\r\n${refused}\r\nEND\r\n`)
  })

  it('looks up all keys of a line that is longer than a window', async () => {
    const keys = Array.from({ length: 3000 }, (_, index) => `key-number-${index}`)
    await repliesTo(
      line(
        keys
          .slice(0, 100)
          .map((key) => `set ${key} 0 0 1\r\nx`)
          .join('\r\n'),
      ),
    )
    const found = await repliesTo(line(`get ${keys.join(' ')}`))
    expect(found).equal(
      `${keys
        .slice(0, 100)
        .map((key) => `VALUE ${key} 0 1\r\nx\r\n`)
        .join('')}END\r\n`,
    )
  })

  it('is not read while its client reads nothing', async () => {
    const value = Buffer.alloc(1_000_000, 'x')
    await repliesTo(Buffer.concat([line('set long 0 0 1000000'), value, line('')]))
    client.pause()
    const first = await callsOf('get')
    const requests = line('get long\r\n'.repeat(40_000).trimEnd())
    client.send(requests)
    await untilTrue(async () => (await callsOf('get')) > first)
    let before = -1
    // Nothing more is asked of the engine once the sockets are full.
    await untilTrue(async () => {
      const calls = await callsOf('get')
      const isStill = calls === before
      before = calls
      return isStill
    })
    expect((await callsOf('get')) - first).below(1000)
    const other = await server().connect()
    other.send(line('get none'))
    expect((await other.receiveUntil(line('END'))).toString()).equal('END\r\n')
    other.close()
  })

  it('sends gets of one key that come together to the engine once', async () => {
    await repliesTo(line('set k 0 0 1\r\nx'))
    const before = await callsOf('get')
    const found = await repliesTo(line(Array(50).fill('get k').join('\r\n')))
    expect(found).equal('VALUE k 0 1\r\nx\r\nEND\r\n'.repeat(50))
    expect((await callsOf('get')) - before).equal(1)
  })

  it('lets a request see what was stored before it was sent', async () => {
    const other = await server().connect()
    for (let round = 0; round < 200; round++) {
      const waiting = repliesTo(line(Array(20).fill('get shared').join('\r\n')))
      other.send(line(`set shared 0 0 ${`${round}`.length}\r\n${round}`))
      await other.receiveUntil(line('STORED'))
      other.send(line('get shared'))
      expect((await other.receiveUntil(line('END'))).toString()).include(`\r\n${round}\r\n`)
      await waiting
    }
    other.close()
  })

  async function callsOf(command: string): Promise<number> {
    const info = await redis.info('commandstats')
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1] ?? 0)
  }
})
