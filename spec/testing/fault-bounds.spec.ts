/** Which requests a fault happens to, and where the reply that it changes begins and ends. */
import { expect } from 'chai'
import type { Fault, FaultEffect, TestServer } from '../../lib/testing/index.js'
import { receiveFrame } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { Op, request, statusOf } from '../support/frames.js'
import { Kit, setFrame } from './kit.js'

/** Longer than what is read at once, and short enough that a client has sent it all before it reads. */
const TOO_LONG = 'x'.repeat(40_000)

describe('a fault', () => {
  const kit = new Kit()
  let server: TestServer
  beforeEach(async () => {
    server = await kit.start({ items: { a: '1', b: '2' }, seed: 1 })
  })
  afterEach(() => kit.end())

  const logged = () => server.requests.map(({ command, outcome }) => `${command} ${outcome}`)

  describe('of a quiet request', () => {
    for (const [then, line] of [
      ['busy', 'SERVER_ERROR busy'],
      ['not supported', 'SERVER_ERROR not supported'],
      ['temporary failure', 'SERVER_ERROR temporary failure'],
      [{ reply: 'X\r\n' }, 'X'],
    ] as const)
      it(`is sent in meta, where q hides no errors: ${line}`, async () => {
        server.faults.add({ key: 'a', then })
        const lines = ['mg a v q k', 'ms a 1 q\r\n1', 'md a q', 'ma a q', 'mg b q v']
        expect(await kit.ask(server, `${lines.join('\r\n')}\r\n`)).to.equal(
          `${`${line}\r\n`.repeat(4)}VA 1\r\n2\r\n`,
        )
      })

    it('is not sent if the client wants no reply at all', async () => {
      server.faults.add({ key: 'a', then: 'busy' })
      expect(await kit.ask(server, 'set a 0 0 1 noreply\r\n3\r\ndelete a noreply\r\nmn\r\n')).to.equal(
        'MN\r\n',
      )
      expect(logged()).to.deep.equal(['set busy', 'delete busy', 'noop ok'])
    })

    it('is not sent if it is what q hides', async () => {
      server.faults.add({ key: 'a', then: 'not found' })
      expect(await kit.ask(server, 'mg a v q\r\nmd a q\r\nmn\r\n')).to.equal('NF\r\nMN\r\n')
    })
  })

  describe('of a set whose value is too long', () => {
    beforeEach(async () => {
      server = await kit.start({ items: { a: '1', b: '2' }, itemSizeMax: 20_000 })
    })
    const SET = `set a 0 0 ${TOO_LONG.length}\r\n${TOO_LONG}\r\n`

    for (const [then, reply, isRun] of [
      ['out of memory', 'SERVER_ERROR out of memory storing object\r\nMN\r\n', false],
      ['busy', 'SERVER_ERROR busy\r\nMN\r\n', false],
      [{ reply: 'X\r\n' }, 'X\r\nMN\r\n', false],
      [{ close: 6 }, 'SERVER', true],
      ['close', '', true],
      [{ delay: 1 }, 'SERVER_ERROR object too large for cache\r\nMN\r\n', true],
    ] as readonly (readonly [FaultEffect, string, boolean])[])
      it(`happens in text: ${JSON.stringify(then)}`, async () => {
        const order = server.faults.add({ on: 'set', times: 1, then })
        const connection = await kit.connect(server)
        connection.send(Buffer.from(`${SET}mn\r\n`))
        connection.endSide()
        const { bytes } = await connection.receiveRest()
        expect(bytes.toString()).to.equal(reply)
        expect(order.applied).to.equal(1)
        // memcached forgets the old value when it refuses the new one.
        expect(server.items().map(({ key }) => key)).to.deep.equal(isRun ? ['b'] : ['a', 'b'])
        const isClosed = !reply.endsWith('MN\r\n')
        expect(server.requests.map(({ command }) => command)).to.deep.equal(
          isClosed ? ['set'] : ['set', 'noop'],
        )
      })

    it('happens in text: timeout', async () => {
      server.faults.add({ on: 'set', times: 1, then: 'timeout' })
      const connection = await kit.connect(server)
      connection.send(Buffer.from(`${SET}mn\r\n`))
      await eventually(2, async () => server.requests.length)
      expect(logged()).to.deep.equal(['set too large', 'noop ok'])
      expect(connection.unreadLength).to.equal(0)
    })

    it('happens in meta and binary', async () => {
      const order = server.faults.add({ on: 'set', then: 'busy' })
      expect(await kit.ask(server, `ms a ${TOO_LONG.length}\r\n${TOO_LONG}\r\nmn\r\n`)).to.equal(
        'SERVER_ERROR busy\r\nMN\r\n',
      )
      const connection = await kit.connect(server)
      connection.send(Buffer.concat([setFrame('a', TOO_LONG), request(Op.NOOP)]))
      expect(statusOf(await receiveFrame(connection))).to.equal(0x85)
      expect((await receiveFrame(connection))[1]).to.equal(Op.NOOP)
      expect(order.applied).to.equal(2)
    })
  })

  it('happens once to a set whose long value arrives in pieces', async () => {
    const order = server.faults.add({ on: 'set', times: 1, then: 'garbage' })
    const value = 'x'.repeat(300_000)
    const said = await kit.ask(server, `set a 0 0 300000\r\n${value}\r\nset a 0 0 300000\r\n${value}\r\n`)
    expect(said.slice(8)).to.equal('STORED\r\n')
    expect([order.applied, ...logged()]).to.deep.equal([1, 'set ok', 'set ok'])
  })

  describe('of a get of several keys', () => {
    const REPLY = 'VALUE a 0 1\r\n1\r\nVALUE b 0 1\r\n2\r\nEND\r\n'
    const FROM_B = REPLY.indexOf('VALUE b')

    for (const [then, key, length] of [
      [{ close: 'after' }, 'a', REPLY.length],
      [{ close: 'after' }, 'b', REPLY.length],
      [{ close: 'after' }, 'c', REPLY.length],
      ['close', 'a', 0],
      ['close', 'b', FROM_B],
      [{ close: 20 }, 'a', 20],
      [{ close: 3 }, 'b', FROM_B + 3],
    ] as const)
      it(`closes the connection at its byte: ${JSON.stringify(then)} at ${key}`, async () => {
        server.faults.add({ on: 'get', key, then })
        const said = await kit.ask(server, 'get a b c\r\nset later 0 0 1\r\n1\r\n')
        expect(said).to.equal(REPLY.slice(0, length))
        expect(server.items().length).to.equal(2)
        expect(server.requests.length).to.equal(3)
      })

    for (const [title, first, second, reply] of [
      ['an eviction', { delay: 1 }, 'evict', 'VALUE a 0 1\r\n1\r\nEND\r\n'],
      ['an error', { delay: 1 }, 'busy', 'VALUE a 0 1\r\n1\r\nSERVER_ERROR busy\r\n'],
      ['an error that is cut', { close: 28 }, 'busy', 'VALUE a 0 1\r\n1\r\nSERVER_ERROR'],
      ['an error', { close: 'after' }, { reply: 'X\r\n' }, 'VALUE a 0 1\r\n1\r\nX\r\n'],
      ['a restart', { delay: 1 }, 'restart', ''],
    ] as readonly (readonly [string, FaultEffect, FaultEffect, string])[])
      it(`may be followed by ${title}: ${JSON.stringify(first)}`, async () => {
        const orders = [
          server.faults.add({ on: 'get', key: 'a', then: first }),
          server.faults.add({ on: 'get', key: 'b', then: second }),
        ]
        expect(await kit.ask(server, 'get a b c\r\n')).to.equal(reply)
        expect(orders.map(({ applied }) => applied)).to.deep.equal([1, 1])
      })

    it('is the first of two for one reply', async () => {
      const [first, late, error] = [
        server.faults.add({ key: 'a', times: 1, then: { delay: 1 } }),
        server.faults.add({ key: /[bc]/, after: 2, then: 'garbage' }),
        server.faults.add({ on: 'get', key: 'b', then: 'busy' }),
      ]
      expect(await kit.ask(server, 'get a b c\r\n')).to.equal('VALUE a 0 1\r\n1\r\nSERVER_ERROR busy\r\n')
      expect([first.applied, late.applied, error.applied]).to.deep.equal([1, 0, 1])
      // The keys of the line before count for it.
      expect(await kit.ask(server, 'mg c v\r\n')).to.not.equal('EN\r\n')
      expect(late.applied).to.equal(1)
    })

    it('is garbage up to its end, and happens once', async () => {
      const order = server.faults.add({ on: 'get', times: 2, then: 'garbage' })
      const said = await kit.ask(server, 'get a b c\r\nmn\r\n')
      expect([said.length, said.slice(-4)]).to.deep.equal([REPLY.length + 4, 'MN\r\n'])
      expect(said).not.to.match(/VALUE|END/)
      expect(order.applied).to.equal(1)
    })

    it('holds over a line that is longer than what is read at once, with spaces before its end', async () => {
      server.faults.add({ on: 'get', then: { garbage: 3 } })
      const keys = ['a', 'b', ...Array.from({ length: 400 }, (_, index) => `${index}`.padStart(250, 'k'))]
      const line = `get ${keys.join(' ')}${' '.repeat(200_000)}\r\n`
      expect((await kit.ask(server, `${line}mn\r\n`)).slice(3)).to.equal('MN\r\n')
      expect(server.requests.length).to.equal(keys.length + 1)
    })

    it('holds over values that are sent before the line is read to its end', async () => {
      const value = 'x'.repeat(400_000)
      server.load({ a: value, b: value, c: value })
      server.faults.add({ on: 'get', then: { close: 1_000_000 } })
      expect((await kit.ask(server, 'get a b c\r\n')).length).to.equal(1_000_000)
    })
  })

  it('that closes the connection leaves requests behind a long value unread', async () => {
    server.faults.add({ on: 'set', then: 'close' })
    const value = 'x'.repeat(200_000)
    const said = await kit.ask(server, `set a 0 0 200000\r\n${value}\r\nset c 0 0 1\r\n1\r\ndelete b\r\n`)
    expect([said, ...server.items().map(({ key }) => key)]).to.deep.equal(['', 'a', 'b'])
    expect(logged()).to.deep.equal(['set ok'])
  })

  for (const then of ['close', { close: 4 }, { close: 'after' }] as const)
    it(`that closes a connection that waits leaves requests behind unread: ${JSON.stringify(then)}`, async () => {
      const waited = await kit.start({ changes: 1024 * 1024, items: { a: '1' } })
      waited.faults.add({ on: 'wait', then })
      const connection = await kit.connect(waited)
      connection.send(Buffer.from('mw new c0 T60 v\r\ndelete a\r\nset b 0 0 1\r\n1\r\n'))
      await eventually(1, async () => waited.connections[0]?.requestCount)
      waited.load({ new: 'x' })
      const { bytes } = await connection.receiveRest()
      const whole = /^VA 1 c\d+\r\nx\r\n$/
      if (then === 'close') expect(bytes.length).to.equal(0)
      else if (then.close === 4) expect(`${bytes}`).to.equal('VA 1')
      else expect(`${bytes}`).to.match(whole)
      expect(waited.items().map(({ key }) => key)).to.deep.equal(['a', 'new'])
      expect(waited.requests.map(({ command }) => command)).to.deep.equal(['wait'])
    })

  describe('of bytes', () => {
    const NOT_SENT = [{ delay: 1 }, { slow: 1 }, 'garbage', { garbage: 5 }, 'wrong opaque'] as const

    for (const then of NOT_SENT)
      it(`passes over requests without a reply: ${JSON.stringify(then)}`, async () => {
        const order = server.faults.add({ times: 1, then })
        expect(await kit.ask(server, 'set c 0 0 1 noreply\r\n3\r\nmg d v q O1\r\nmd c q O2\r\n')).to.equal('')
        const connection = await kit.connect(server)
        connection.send(request(Op.GETQ, { key: 'd' }))
        await eventually(4, async () => server.requests.length)
        expect(order.applied).to.equal(0)
        connection.send(request(Op.NOOP, { opaque: 1 }))
        await connection.receive(1)
        expect([order.applied, logged().length]).to.deep.equal([1, 5])
      })

    it('leaves a request without a reply to a fault that closes', async () => {
      for (const then of ['garbage', 'close'] as const) server.faults.add({ on: 'set', then })
      expect(await kit.ask(server, 'set c 0 0 1 noreply\r\n3\r\nmn\r\n')).to.equal('')
    })

    for (const [list, end] of [
      ['lru_crawler metadump all', 'END'],
      ['lru_crawler mgdump all', 'EN'],
    ] as const)
      it(`holds to the end of a list: ${list}`, async () => {
        const order = server.faults.add({ on: 'list', times: 3, then: { close: 'after' } })
        const whole = await kit.ask(server, `${list}\r\nset c 0 0 1\r\n3\r\n`)
        expect(whole.slice(-end.length - 2)).to.equal(`${end}\r\n`)
        server.faults.add({ on: 'list', times: 1, then: { close: 7 } })
        await order.remove()
        expect(await kit.ask(server, `${list}\r\n`)).to.equal(whole.slice(0, 7))
        server.faults.add({ on: 'list', then: 'garbage' })
        const said = await kit.ask(server, `${list}\r\nmn\r\n`)
        expect([said.length, said.slice(-4)]).to.deep.equal([whole.length + 4, 'MN\r\n'])
        expect(said).to.not.include(`${end}\r\n`)
      })
  })

  for (const then of ['garbage', 'evict', 'close'] as const)
    it(`does not happen to a set whose client leaves within its value: ${then}`, async () => {
      const order = server.faults.add({ on: 'set', times: 1, then })
      const connection = await kit.connect(server)
      connection.send(Buffer.from(`set a 0 0 100000\r\n${TOO_LONG}`))
      await eventually(1, async () => order.applied)
      connection.close()
      await eventually(0, async () => order.applied)
      expect([server.items().length, ...logged()]).to.deep.equal([2])
    })

  it('that evicts happens to no command without a key', async () => {
    const order = server.faults.add({ then: 'evict' })
    expect(await kit.ask(server, 'mn\r\nflush_all 100\r\nget a\r\n')).to.equal('MN\r\nOK\r\nEND\r\n')
    expect(order.applied).to.equal(1)
    for (const on of ['get', 'cas', 'wait'] as const) server.faults.add({ on, then: 'evict' })
  })

  it('of the opaque happens to no request without one', async () => {
    const order: Fault = { then: 'wrong opaque' }
    const { applied } = server.faults.add(order)
    expect(await kit.ask(server, 'get a\r\nmg a v\r\nmn\r\nset Oa 0 0 1\r\n1\r\n')).to.equal(
      'VALUE a 0 1\r\n1\r\nEND\r\nVA 1\r\n1\r\nMN\r\nSTORED\r\n',
    )
    expect([applied, server.faults.unused]).to.deep.equal([0, [order]])
  })
})
