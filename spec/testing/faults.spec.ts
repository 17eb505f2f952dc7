/** Faults of a test server: what happens, to which requests, and to nothing else. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Fault, TestServer } from '../../lib/testing/index.js'
import { receiveFrame } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { HEADER_LENGTH, Op, request, statusOf } from '../support/frames.js'
import { Kit, setFrame } from './kit.js'

const HIT = 'VALUE a 0 1\r\n1\r\nEND\r\n'

describe('a fault', () => {
  const kit = new Kit()
  let server: TestServer
  beforeEach(async () => {
    server = await kit.start({ items: { a: '1' }, seed: 1 })
  })
  afterEach(() => kit.end())

  const send = async (text: string): Promise<Connection> => {
    const connection = await kit.connect(server)
    connection.send(Buffer.from(text))
    return connection
  }
  const receive = async (connection: Connection, text: string): Promise<void> => {
    expect((await connection.receive(text.length)).toString('latin1')).to.equal(text)
  }

  describe('happens', () => {
    it('to the commands that it names, and to no others', async () => {
      server.faults.add({ on: ['get', 'incr'], then: { reply: 'X\r\n' } })
      expect(await kit.ask(server, 'get a\r\nmn\r\nincr a 1\r\nset b 0 0 1\r\n1\r\nmg a\r\n')).to.equal(
        'X\r\nMN\r\nX\r\nSTORED\r\nX\r\n',
      )
    })

    it('to every command if it names none', async () => {
      server.faults.add({ then: { reply: 'X\r\n' } })
      expect(await kit.ask(server, 'get a\r\nmn\r\nversion\r\n')).to.equal('X\r\nX\r\nX\r\n')
    })

    it('to a set with a cas, as cas and as set', async () => {
      const order = server.faults.add({ on: 'cas', then: 'exists' })
      expect(await kit.ask(server, 'cas a 0 0 1 1\r\n2\r\nset a 0 0 1\r\n3\r\n')).to.equal(
        'EXISTS\r\nSTORED\r\n',
      )
      await order.remove()
      server.faults.add({ on: 'set', then: 'busy' })
      expect(await kit.ask(server, 'cas a 0 0 1 1\r\n2\r\n')).to.equal('SERVER_ERROR busy\r\n')
    })

    it('to a key, or to keys that match', async () => {
      server.load({ b: '1', cc: '1' })
      server.faults.add({ key: 'b', then: { reply: 'B\r\n' } })
      server.faults.add({ key: /^c+$/gy, then: { reply: 'C\r\n' } })
      expect(await kit.ask(server, 'get a\r\nget b\r\nget cc\r\nget cc\r\nmn\r\n')).to.equal(
        `${HIT}B\r\nC\r\nC\r\nMN\r\n`,
      )
    })

    it('to one connection', async () => {
      const [first, second] = [await send('mn\r\n'), await send('mn\r\n')]
      for (const connection of [first, second]) await receive(connection, 'MN\r\n')
      const [, { number }] = server.connections as [unknown, { number: number }]
      server.faults.add({ connection: number, then: { reply: 'X\r\n' } })
      for (const connection of [first, second]) connection.send(Buffer.from('mn\r\n'))
      await receive(first, 'MN\r\n')
      await receive(second, 'X\r\n')
    })

    it('so many times, after so many requests', async () => {
      server.faults.add({ on: 'noop', after: 1, times: 2, then: { reply: 'X\r\n' } })
      expect(await kit.ask(server, 'mn\r\n'.repeat(5))).to.equal('MN\r\nX\r\nX\r\nMN\r\nMN\r\n')
    })

    it('by chance, in the same way with the same seed', async () => {
      const runs = []
      for (const seed of [7, 7, 8]) {
        const other = await kit.start({ seed })
        other.faults.add({ on: 'noop', probability: 0.5, then: { reply: 'X\r\n' } })
        runs.push(await kit.ask(other, 'mn\r\n'.repeat(64)))
      }
      expect(runs[0]).to.equal(runs[1]).and.not.equal(runs[2])
      expect(runs[0]!.match(/X/g)!.length).to.be.within(12, 52)
    })

    it('before those that were added later', async () => {
      const first = server.faults.add({ times: 1, then: { reply: '1\r\n' } })
      const second = server.faults.add({ then: { reply: '2\r\n' } })
      expect(await kit.ask(server, 'mn\r\nmn\r\nmn\r\n')).to.equal('1\r\n2\r\n2\r\n')
      expect([first.applied, second.applied]).to.deep.equal([1, 2])
    })

    it('no more once it is removed, or all are', async () => {
      const order = server.faults.add({ then: { reply: 'X\r\n' } })
      await order.remove()
      expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
      server.faults.add({ then: { reply: 'X\r\n' } })
      await server.faults.clear()
      expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
      expect(server.faults.unused).to.deep.equal([])
    })

    it('or is unused', async () => {
      const faults: Fault[] = [
        { on: 'noop', then: { delay: 0 } },
        { on: 'version', times: 2, then: { delay: 0 } },
        { on: 'incr', then: { delay: 0 } },
      ]
      for (const fault of faults) server.faults.add(fault)
      await kit.ask(server, 'mn\r\nversion\r\n')
      expect(server.faults.unused).to.deep.equal(faults.slice(1))
    })
  })

  describe('of a reply', () => {
    it('that never comes is followed by none, and leaves other connections alone', async () => {
      server.faults.add({ on: 'get', times: 1, then: 'timeout' })
      const connection = await send('mn\r\nget a\r\nset b 0 0 1\r\n1\r\n')
      await receive(connection, 'MN\r\n')
      expect(await kit.ask(server, 'get a\r\n')).to.equal(HIT)
      expect(server.items().map(({ key }) => key)).to.deep.equal(['a', 'b'])
      expect(connection.unreadLength).to.equal(0)
    })

    it('that is late holds later ones of its connection, and no other', async () => {
      server.faults.add({ on: 'get', times: 1, then: { delay: 300 } })
      const start = performance.now()
      const connection = await send('get a\r\nmn\r\nversion\r\n')
      const quick = await send('mn\r\n')
      await receive(quick, 'MN\r\n')
      await receive(connection, `${HIT}MN\r\nVERSION `)
      expect(performance.now() - start).to.be.at.least(295)
    })

    it('that is late is whole, however long it is, and whatever waits behind it', async () => {
      const value = 'x'.repeat(700_000)
      server.load({ long: value })
      server.faults.add({ on: 'get', then: { delay: 50 } })
      const expected = `VALUE long 0 ${value.length}\r\n${value}\r\nEND\r\n`
      const said = await kit.ask(server, 'get long\r\n'.repeat(8))
      expect(said.length).to.equal(8 * expected.length)
      expect(said === expected.repeat(8)).to.equal(true)
    })

    it('that is late stops its connection from reading, once enough waits behind it', async () => {
      server.load({ long: 'x'.repeat(100_000) })
      server.faults.add({ on: 'get', times: 1, then: { delay: '1h' } })
      await send('get long\r\n'.repeat(500))
      const seen = (): number => server.requests.filter(({ command }) => command === 'get').length
      for (let round = 0; round < 100; round++) await kit.ask(server, 'mn\r\n')
      expect(seen()).to.be.within(1, 40)
    })

    it('closes before it, after it, or within it', async () => {
      for (const [close, expected] of [
        ['before', ''],
        [0, ''],
        [5, HIT.slice(0, 5)],
        ['after', HIT],
        [1000, HIT],
      ] as const) {
        server.faults.add({ on: 'get', times: 1, then: { close } })
        const connection = await send('mn\r\nget a\r\nset b 0 0 1\r\n1\r\nmn\r\n')
        const { bytes } = await connection.receiveRest()
        expect(bytes.toString(), `${close}`).to.equal(`MN\r\n${expected}`)
        expect(server.items().length, 'the request behind it is not run').to.equal(1)
      }
    })

    it('closes within a long value', async () => {
      server.load({ long: 'x'.repeat(500_000) })
      server.faults.add({ on: 'get', then: { close: 300_000 } })
      const { bytes } = await (await send('get long\r\n')).receiveRest()
      expect(bytes.length).to.equal(300_000)
    })

    it('closes within a long value that is sent a window at a time, because others pin too much', async () => {
      const small = await kit.start({ memoryMegabytes: 8, itemSizeMax: 2_000_000 })
      const value = 'x'.repeat(900_000)
      small.load({ a: value, b: value, c: value })
      for (const key of ['a', 'b', 'c']) {
        const connection = await kit.connect(small)
        connection.pause()
        // More than the sockets of both sides hold.
        connection.send(Buffer.from(`get ${key}\r\n`.repeat(20)))
      }
      // Their sockets take no more.
      await eventually(true, async () => {
        const before = small.requests.length
        await sleep(200)
        return before >= 3 && small.requests.length === before
      })
      small.faults.add({ key: 'a', then: { close: 500_000 } })
      const connection = await kit.connect(small)
      connection.send(Buffer.from('get a\r\n'))
      const { bytes } = await connection.receiveRest()
      expect(bytes.length).to.equal(500_000)
    })

    it('closes after a request that has no reply', async () => {
      server.faults.add({ on: 'set', then: 'close' })
      const { bytes } = await (await send('set b 0 0 1 noreply\r\n1\r\nmn\r\n')).receiveRest()
      expect({ said: `${bytes}`, count: server.items().length }).to.deep.equal({ said: '', count: 2 })
    })

    it('is garbage, of its own length or another', async () => {
      server.faults.add({ on: 'get', times: 1, then: 'garbage' })
      server.faults.add({ on: 'get', times: 1, then: { garbage: 7 } })
      const connection = await send('get a\r\nget a\r\nmn\r\n')
      const first = await connection.receive(HIT.length)
      expect(first[0]).to.equal(0xff)
      await connection.receive(7)
      await receive(connection, 'MN\r\n')
    })

    it('arrives byte by byte', async () => {
      server.faults.add({ on: 'get', then: { slow: 1 } })
      const start = performance.now()
      const connection = await send('get a\r\nmn\r\n')
      await receive(connection, `${HIT}MN\r\n`)
      expect(performance.now() - start).to.be.at.least(HIT.length - 2)
    })

    it('has another opaque', async () => {
      server.faults.add({ then: 'wrong opaque' })
      const frame = await kit.askFrame(server, request(Op.NOOP, { opaque: 5 }))
      expect(frame.readUInt32BE(12)).to.not.equal(5)
      expect(await kit.ask(server, 'mg a k O77 v\r\nmn O0\r\n')).to.equal('VA 1 ka O07\r\n1\r\nMN\r\n')
    })

    it('is what the test has made up', async () => {
      server.faults.add({ on: 'incr', then: { reply: Buffer.from('0041', 'hex') } })
      expect(await kit.ask(server, 'incr a 1\r\nget a\r\n')).to.equal(`\0A${HIT}`)
    })
  })

  describe('of the server', () => {
    it('evicts an item', async () => {
      server.faults.add({ on: 'get', times: 1, then: 'evict' })
      expect(await kit.ask(server, 'get a\r\nget a\r\n')).to.equal('END\r\nEND\r\n')
      expect(server.statistics()).to.include({ evictions: '1', curr_items: '0' })
    })

    it('starts it anew, without its items or with them', async () => {
      for (const [then, count] of [
        [{ restart: 'with items' }, 1],
        ['restart', 0],
      ] as const) {
        const bystander = await send('mn\r\n')
        await receive(bystander, 'MN\r\n')
        server.faults.add({ on: 'get', times: 1, then })
        const { bytes } = await (await send('get a\r\nset b 0 0 1\r\n1\r\n')).receiveRest()
        expect(bytes.length).to.equal(0)
        await bystander.receiveRest()
        expect(server.items().length).to.equal(count)
        expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
      }
    })

    it('refuses connections until it is removed', async () => {
      const order = server.faults.add({ on: 'connect', then: 'refuse' })
      const failure = await kit.connect(server).then(
        () => undefined,
        (error) => error.code,
      )
      expect(failure).to.equal('ECONNREFUSED')
      await order.remove()
      expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
      server.faults.add({ on: 'connect', then: 'refuse' })
      await server.faults.clear()
      expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
    })

    it('resets, closes or ignores connections that arrive', async () => {
      server.faults.add({ on: 'connect', times: 1, then: 'reset' })
      // The reset may come before the client has learnt that it is connected.
      const ending = await send('mn\r\n').then(
        async (connection) => (await connection.receiveRest()).ending,
        (error) => error.code,
      )
      expect(['reset', 'ECONNRESET']).to.include(ending)
      server.faults.add({ on: 'connect', times: 1, then: 'close' })
      expect(await kit.ask(server, '')).to.equal('')
      server.faults.add({ on: 'connect', times: 1, then: 'timeout' })
      const ignored = await send('set b 0 0 1\r\n1\r\n')
      expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
      expect(ignored.unreadLength).to.equal(0)
    })
  })

  it('is an error of a long value, too', async () => {
    const value = 'x'.repeat(200_000)
    server.faults.add({ on: 'set', times: 1, then: 'out of memory' })
    const set = `set long 0 0 ${value.length}\r\n${value}\r\n`
    expect(await kit.ask(server, `${set}${set}`)).to.equal(
      'SERVER_ERROR out of memory storing object\r\nSTORED\r\n',
    )
    expect(
      server.requests.map(({ command, key, valueLength, outcome }) => [command, key, valueLength, outcome]),
    ).to.deep.equal([
      ['set', 'long', 200_000, 'out of memory'],
      ['set', 'long', 200_000, 'ok'],
    ])
  })

  it('gives back the room of long values that it has refused', async () => {
    const value = 'x'.repeat(900_000)
    const set = `set long 0 0 ${value.length}\r\n${value}\r\n`
    const order = server.faults.add({ on: 'set', times: 40, then: 'busy' })
    expect(await kit.ask(server, set.repeat(41))).to.equal(`${'SERVER_ERROR busy\r\n'.repeat(40)}STORED\r\n`)
    expect(order.applied).to.equal(40)
  })

  it('is an error within a line of keys, and the rest of the line is not answered', async () => {
    server.load({ b: '2', c: '3' })
    server.faults.add({ key: 'b', times: 1, then: 'internal error' })
    expect(await kit.ask(server, 'get a b c\r\nget c\r\n')).to.equal(
      'VALUE a 0 1\r\n1\r\nSERVER_ERROR internal error\r\nVALUE c 0 1\r\n3\r\nEND\r\n',
    )
  })

  it('lets quiet binary commands speak, and only those that fail', async () => {
    server.faults.add({ key: 'b', then: 'temporary failure' })
    const connection = await kit.connect(server)
    const quiet = (key: string) => Buffer.concat([setFrame(key, '1')]).fill(Op.SETQ, 1, 2)
    connection.send(Buffer.concat([quiet('a'), quiet('b'), request(Op.NOOP)]))
    const failed = await receiveFrame(connection)
    expect([failed[1], statusOf(failed)]).to.deep.equal([Op.SETQ, 0x86])
    expect((await receiveFrame(connection))[1]).to.equal(Op.NOOP)
    expect(failed.length).to.be.above(HEADER_LENGTH)
  })
})
