/** What a test does to its server while something else is under way, and after its end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { expect } from 'chai'
import { Caller } from '../../lib/testing/control/caller.js'
import type { Fault, TestServer } from '../../lib/testing/index.js'
import { Connection } from '../support/connection.js'
import { Kit } from './kit.js'

const REFUSE: Fault = { on: 'connect', then: 'refuse' }

for (const thread of [false, true])
  describe(`a test server ${thread ? 'in a thread of its own' : 'in the thread of the test'}`, () => {
    const kit = new Kit()
    let server: TestServer
    beforeEach(async () => {
      server = await kit.start({ thread })
    })
    afterEach(() => kit.end())

    const isAccepting = () =>
      kit.connect(server).then(
        () => true,
        ({ code }) => (code === 'ECONNREFUSED' ? false : code),
      )

    it('accepts connections again if that is asked for twice', async () => {
      const order = server.faults.add(REFUSE)
      await Promise.all([order.remove(), server.faults.clear(), order.remove()])
      expect(await isAccepting()).to.equal(true)
    })

    it('refuses connections if that is asked for while it begins to accept them', async () => {
      const order = server.faults.add(REFUSE)
      const removed = order.remove()
      const other = server.faults.add(REFUSE)
      await removed
      expect(await isAccepting()).to.equal(false)
      await other.remove()
      expect(await isAccepting()).to.equal(true)
    })

    it('does what was asked for last, however often that changes', async () => {
      const removals: Promise<void>[] = []
      for (let count = 0; count < 10; count++) {
        removals.push(server.faults.add(REFUSE).remove())
        if (count % 3 === 0) await sleep(0)
      }
      await Promise.all(removals)
      expect(await isAccepting()).to.equal(true)
    })

    it('stops while it begins to accept connections', async () => {
      const removed = server.faults.add(REFUSE).remove()
      await server.stop()
      await removed
      expect(await isAccepting()).to.equal(false)
    })

    it('stops, whatever is asked of it meanwhile', async () => {
      const connection = await kit.connect(server)
      connection.send(Buffer.from('mn\r\n'))
      await connection.receive(4)
      const order = server.faults.add({ then: 'busy' })
      const [facts] = server.connections
      const stopped = server.stop()
      const calls: Readonly<Record<string, () => unknown>> = {
        restart: () => server.restart(),
        requests: () => server.requests,
        items: () => server.items(),
        load: () => server.load({ a: '1' }),
        clear: () => server.clear(),
        connections: () => server.connections,
        drop: () => facts!.drop(),
        statistics: () => server.statistics(),
        nowMs: () => server.clock.now,
        addFaults: () => server.faults.add({ then: 'busy' }),
        faults: () => order.applied,
      }
      for (const isOver of [false, true]) {
        if (isOver) await stopped
        for (const [name, call] of Object.entries(calls))
          expect(call, name).to.throw(Error, `${name}: the test server has stopped`)
      }
    })

    it('restarts and stops while connections are open', async () => {
      const connection = await kit.connect(server)
      connection.send(Buffer.from('mn\r\n'))
      await connection.receive(4)
      server.restart()
      server.restart()
      await server.stop()
      await connection.receiveRest()
    })

    it('does not count a connection that was dropped', async () => {
      const connection = await kit.connect(server)
      connection.send(Buffer.from('mn\r\n'))
      await connection.receive(4)
      server.connections[0]!.drop()
      expect(server.connections).to.deep.equal([])
    })

    it('knows how often faults have happened that are gone', async () => {
      const orders = [server.faults.add({ on: 'noop', then: 'busy' }), server.faults.add({ then: 'busy' })]
      await kit.ask(server, 'mn\r\nmn\r\nversion\r\n')
      await server.faults.clear()
      expect(orders.map(({ applied }) => applied)).to.deep.equal([2, 1])
      server.faults.add({ then: 'busy' })
      await kit.ask(server, 'mn\r\n')
      expect(orders.map(({ applied }) => applied)).to.deep.equal([2, 1])
    })
  })

describe('a test server at a name with two addresses', () => {
  const dns = process.getBuiltinModule('node:dns/promises')
  const { lookup } = dns
  before(() => {
    dns.lookup = (async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]) as unknown as typeof dns.lookup
  })
  after(() => {
    dns.lookup = lookup
  })

  it('listens on both, refuses on both and ends on both', async () => {
    const kit = new Kit()
    const server = await kit.start({ host: 'two.example' })
    const accepting = () =>
      Promise.all(
        ['127.0.0.1', '127.0.0.2'].map((host) =>
          Connection.open({ host, port: server.port }).then(
            (connection) => {
              connection.close()
              return true
            },
            () => false,
          ),
        ),
      )
    expect(await accepting()).to.deep.equal([true, true])
    const order = server.faults.add(REFUSE)
    expect(await accepting()).to.deep.equal([false, false])
    await order.remove()
    expect(await accepting()).to.deep.equal([true, true])
    await kit.end()
    expect(await accepting()).to.deep.equal([false, false])
  })
})

describe('a call to another thread', () => {
  it('gets its own answer, also if an earlier call did not wait for its own', () => {
    const { port1, port2 } = new MessageChannel()
    const signal = new Int32Array(new SharedArrayBuffer(4))
    const caller = new Caller(port1, signal, 20)
    expect(() => caller.call('items', [])).to.throw('items: the thread of the test server does not answer')
    for (const answer of [
      { number: 1, value: 'late' },
      { number: 2, value: 'right' },
    ])
      port2.postMessage(answer)
    Atomics.add(signal, 0, 2)
    expect(caller.call('items', [])).to.equal('right')
    port1.close()
  })
})
