/** A test server that records changes: who follows them, and requests that wait for a key. */
import { expect } from 'chai'
import type { TestServer } from '../../lib/testing/index.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { line } from '../support/text-replies.js'
import { Kit } from './kit.js'

describe('a test server that records changes', () => {
  const kit = new Kit()
  let server: TestServer
  let waiter: Connection
  beforeEach(async () => {
    server = await kit.start({ changes: 1024 * 1024, clock: 'manual', items: { a: 'x' } })
    waiter = await kit.connect(server)
  })
  afterEach(() => kit.end())

  /** Sends it, and waits until the server has read it. */
  async function send(request: string): Promise<void> {
    waiter.send(line(request))
    await eventually(1, async () => server.connections[0]?.requestCount)
  }

  it('sends those of clients and of the test', async () => {
    await send('watch changes')
    server.load({ b: { value: 'y', expiry: 10 } })
    await kit.ask(server, 'delete a\r\n')
    server.clock.advance(11)
    server.load({ last: 'z' })
    let text = ''
    while (!text.includes('key=last')) text += (await waiter.receiveUntil(Buffer.from('\n'))).toString()
    expect(
      [...text.matchAll(/kind=(\w+).* key=(\w+)/g)].map(([, kind, key]) => `${kind} ${key}`),
    ).to.deep.equal(['set b', 'delete a', 'expire b', 'set last'])
  })

  it('answers a request that waits when the test changes the key, and logs it once', async () => {
    const { cas } = server.items()[0]!
    await send(`mw a c${cas} T60 v`)
    expect(server.requests).to.deep.equal([])
    server.load({ a: 'new' })
    expect(`${await waiter.receiveUntil(line('new'))}`).to.match(/^VA 3 c\d+\r\nnew\r\n$/)
    expect(server.connections[0]!.requestCount).to.equal(1)
    expect(server.requests.map(({ command, key, outcome }) => [command, key, outcome])).to.deep.equal([
      ['wait', 'a', 'ok'],
    ])
  })

  for (const [title, then, reply] of [
    ['garbage', { garbage: 5 }, /^(?!HD).{5}$/s],
    ['another opaque', 'wrong opaque', /^HD c\d+ O1\r\n$/],
    ['an end after a byte', { close: 1 }, /^H$/],
  ] as const)
    it(`has one fault happen to the reply of a request that waits: ${title}`, async () => {
      server.faults.add({ on: 'wait', times: 1, then })
      await send('mw new c0 T60 O0')
      expect(server.faults.unused).to.deep.equal([])
      server.load({ other: 'x' })
      expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
      expect(waiter.unreadLength).to.equal(0)
      server.load({ new: 'x' })
      await eventually(2, async () => server.requests.length)
      waiter.endSide()
      const { bytes } = await waiter.receiveRest()
      expect(bytes.toString('latin1')).to.match(reply)
    })

  it('ends the waiting of a request when its time is up by the clock of the test', async () => {
    await send('mw new c0 T60')
    server.clock.advance('59s')
    expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
    expect(waiter.unreadLength).to.equal(0)
    server.clock.advance('1s')
    const timeUp = line('NS')
    expect((await waiter.receiveUntil(timeUp)).equals(timeUp)).to.equal(true)
    // One that begins later has its own time.
    waiter.send(line('mw new c0 T60'))
    await eventually(2, async () => server.connections[0]?.requestCount)
    server.clock.advance('30s')
    server.load({ new: 'x' })
    expect(`${await waiter.receiveUntil(Buffer.from('\r\n'))}`).to.match(/^HD/)
  })

  it('refuses to wait if a fault says so', async () => {
    server.faults.add({ on: 'wait', key: 'new', then: 'busy' })
    expect(await kit.ask(server, 'mw new c0 T60\r\n')).to.equal('SERVER_ERROR busy\r\n')
  })

  it('ends with those who follow and who wait', async () => {
    const watcher = await kit.connect(server)
    watcher.send(line('watch changes'))
    await send('mw new c0 T60')
    await server.stop()
    expect((await waiter.receiveRest()).bytes.toString()).to.equal('')
    await watcher.receiveRest()
  })
})
