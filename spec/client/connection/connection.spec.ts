import { once } from 'node:events'
import { expect } from 'chai'
import { Client, type ClientOptions, type PartialError, ProtocolError } from '../../../lib/client/index.js'
import { eventually } from '../../support/eventually.js'
import { codeOf } from '../support/code-of.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

/** Deadlines that pass in a spec pass soon; those that must not are far away. */
const SOON = 60
const LATER = 30_000

describe('a connection of a client', () => {
  let server: ScriptedServer
  let client: Client
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  async function begin(
    onSocket: Parameters<typeof ScriptedServer.start>[0],
    options: ClientOptions = {},
  ): Promise<void> {
    server = await ScriptedServer.start(onSocket)
    client = new Client(server.name, { protocol: 'text', timeout: LATER, pool: { max: 1 }, ...options })
  }

  it('sends the calls of a turn in order, without waiting for replies', async () => {
    await begin(undefined)
    const calls = [client.get('a'), client.get('b'), client.set('c', 'x'), client.get('d')]
    await server.untilLines(5)
    expect(server.received.replace(/\r\n/g, '|')).equal('get a|get b|set c 0 0 1|x|get d|')
    server.sockets[0]!.write('END\r\nVALUE b 1 1\r\nB\r\nEND\r\nSTORED\r\nEND\r\n')
    expect(await Promise.all(calls)).deep.equal([undefined, Buffer.from('B'), true, undefined])
  })

  it('reads replies that are cut anywhere', async () => {
    await begin(undefined)
    const call = client.get('a')
    await server.untilLines(1)
    for (const byte of 'VALUE a 0 5\r\nhello\r\nEND\r\n') {
      server.sockets[0]!.write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await call).equal('hello')
  })

  it('drops the late reply of a call whose deadline has passed', async () => {
    await begin(undefined)
    const first = client.get('a')
    const late = client.get('b', { timeout: SOON })
    const next = client.get('c')
    await server.untilLines(3)
    server.sockets[0]!.write('END\r\n')
    expect(await first).equal(undefined)
    expect(await codeOf(late)).equal('TIMEOUT')
    server.sockets[0]!.write('VALUE b 0 1\r\nB\r\nEND\r\nVALUE c 0 1\r\nC\r\nEND\r\n')
    expect(await next).equal('C')
    expect(client.statistics()[server.name]!.pool.destroyed).equal(0)
  })

  it('is replaced if the server does not reply at all', async () => {
    let count = 0
    await begin((socket) => {
      if (count++ > 0) replyToLines(() => 'END\r\n')(socket)
    })
    expect(await codeOf(client.get('a', { timeout: SOON }))).equal('TIMEOUT')
    expect(await client.get('a')).equal(undefined)
    expect(server.sockets.length).equal(2)
  })

  it('is closed when too many replies are overdue', async () => {
    await begin(undefined, { pool: { max: 1, abandonedMax: 2 } })
    const first = client.get('first')
    const overdue = [1, 2, 3].map((index) => codeOf(client.get(`k${index}`, { timeout: SOON })))
    await server.untilLines(4)
    server.sockets[0]!.write('VALUE first 0 1\r\n')
    expect(await Promise.all(overdue)).deep.equal(['TIMEOUT', 'TIMEOUT', 'TIMEOUT'])
    expect(await codeOf(first)).equal('CONNECTION')
  })

  it('gives up a call that is aborted, and goes on', async () => {
    await begin(undefined)
    const abort = new AbortController()
    const aborted = client.get('a', { signal: abort.signal })
    const next = client.get('b')
    await server.untilLines(2)
    abort.abort(new Error('no longer wanted'))
    expect(await codeOf(aborted)).equal('ABORTED')
    server.sockets[0]!.write('VALUE a 0 1\r\nA\r\nEND\r\nEND\r\n')
    expect(await next).equal(undefined)
    expect(await codeOf(client.get('c', { signal: abort.signal }))).equal('ABORTED')
    expect(server.received).not.contain('get c')
  })

  it('stays open when lone calls are aborted: that says nothing about the server', async () => {
    await begin(replyToLines(() => 'END\r\n'))
    for (let round = 0; round < 20; round++) {
      const abort = new AbortController()
      const aborted = client.get('a', { signal: abort.signal })
      abort.abort()
      expect(await codeOf(aborted)).equal('ABORTED')
      expect(await client.get('b')).equal(undefined)
    }
    expect(client.statistics()[server.name]!.pool).include({ created: 1, destroyed: 0 })
  })

  it('sends nothing of a value that its caller changes after the call has failed', async () => {
    await begin((socket) => socket.pause())
    const other = codeOf(client.get('other'))
    const value = Buffer.alloc(20_000_000, 'A')
    expect(await codeOf(client.set('a', value, { timeout: SOON }))).equal('TIMEOUT')
    value.fill('B')
    expect(await other).equal('CONNECTION')
    const [socket] = server.sockets
    socket!.resume()
    await once(socket!, 'close')
    expect(server.received).match(/^get other\r\nset a 1 0 20000000\r\nA+$/)
  })

  it('stays open when a call fails whose long value was sent', async () => {
    await begin(undefined)
    const first = client.get('first')
    const overdue = codeOf(client.set('a', 'v'.repeat(100_000), { timeout: SOON }))
    await server.untilLines(3)
    expect(await overdue).equal('TIMEOUT')
    server.sockets[0]!.write('END\r\nSTORED\r\n')
    expect(await first).equal(undefined)
    expect(client.statistics()[server.name]!.pool.destroyed).equal(0)
  })

  it('fails its calls with the bytes if the server breaks the protocol', async () => {
    await begin(replyToLines((line) => (line === 'get b' ? 'nonsense!\r\n' : undefined)))
    const errors = await Promise.all(
      [client.get('a'), client.get('b')].map((call) => call.catch((error: ProtocolError) => error)),
    )
    for (const error of errors as ProtocolError[]) {
      expect(error).instanceOf(ProtocolError)
      expect(error.code).equal('PROTOCOL')
      expect(`${error.bytes}`).contain('nonsense!')
    }
  })

  it('takes no reply that is for another key', async () => {
    await begin(replyToLines(() => 'VALUE other 0 1\r\nx\r\nEND\r\n'))
    expect(await codeOf(client.get('a'))).equal('PROTOCOL')
  })

  it('takes no reply with the number of another request', async () => {
    await begin(
      replyToLines((line) =>
        line === 'mn' ? 'MN\r\n' : line.replace(/^mg.* O(\d+).*$/, 'VA 1 O9$1 s1\r\nx\r\n'),
      ),
      { protocol: 'meta' },
    )
    expect(await codeOf(client.get('a'))).equal('PROTOCOL')
  })

  it('takes no number for an item, no item for a number, and no value for a change', async () => {
    const replies: Record<string, string> = { 'incr a 1': 'STORED\r\n', 'incr b 1': 'VA 3 f0\r\nlie\r\n' }
    await begin(replyToLines((line) => replies[line] ?? '42\r\n'))
    expect(await codeOf(client.get('a'))).equal('PROTOCOL')
    expect(await codeOf(client.increment('a'))).equal('PROTOCOL')
    expect(await codeOf(client.increment('b'))).equal('PROTOCOL')
    expect(await codeOf(client.set('a', 1))).equal('PROTOCOL')
    expect(await codeOf(client.cas('a', 1, 1n))).equal('PROTOCOL')
  })

  it('takes no item of a batch that has the number of one key and the name of another', async () => {
    const [a, b] = ['a a', 'b b'].map((key) => Buffer.from(key).toString('base64'))
    const numberOfA = () => server.received.match(new RegExp(`mg ${a} .*O(\\d+)`))![1]
    await begin(
      replyToLines((line) => {
        if (line === 'mn') return 'MN\r\n'
        return line.startsWith(`mg ${b}`) ? `VA 1 f0 k${b} b O${numberOfA()}\r\nB\r\n` : undefined
      }),
      { protocol: 'meta', longKeys: 'base64' },
    )
    const wrong = await client.getMany(['a a', 'b b']).catch((error: PartialError) => error)
    expect((wrong as PartialError).failed.get('a a')).instanceOf(ProtocolError)
  })

  it('takes no reply that nobody has asked for', async () => {
    await begin(replyToLines(() => 'END\r\nEND\r\n'))
    expect(await client.get('a')).equal(undefined)
    await eventually(1, async () => client.statistics()[server.name]!.pool.destroyed)
  })

  it('ends if the server may have read a value as commands', async () => {
    await begin(
      replyToLines((line) =>
        line.startsWith('set') ? 'CLIENT_ERROR bad command line format\r\n' : undefined,
      ),
    )
    const refused = codeOf(client.set('a', 'flush_all'))
    const next = codeOf(client.get('b'))
    expect(await refused).equal('SERVER')
    expect(await next).equal('CONNECTION')
  })

  it('fails its calls when the server closes it, and the next call connects again', async () => {
    await begin(
      replyToLines((line, socket) => {
        if (line !== 'get end') return 'END\r\n'
        socket.end()
        return undefined
      }),
    )
    expect(await client.get('a')).equal(undefined)
    expect(await Promise.all([codeOf(client.get('end')), codeOf(client.get('b'))])).deep.equal([
      'CONNECTION',
      'CONNECTION',
    ])
    expect(await client.get('c')).equal(undefined)
  })

  it('loses only the call whose value cannot be decoded', async () => {
    await begin(replyToLines((line) => (line === 'get bad' ? 'VALUE bad 2 1\r\n{\r\nEND\r\n' : 'END\r\n')))
    const bad = codeOf(client.get('bad'))
    const good = client.get('good')
    expect(await bad).equal('BAD_VALUE')
    expect(await good).equal(undefined)
    expect(client.statistics()[server.name]!.pool.destroyed).equal(0)
  })

  it('speaks text to a server that does not know meta commands', async () => {
    server = await ScriptedServer.start(
      replyToLines((line) => (line.startsWith('m') ? 'ERROR\r\n' : 'END\r\n')),
    )
    client = new Client(server.name, { timeout: LATER })
    expect(await client.get('a')).equal(undefined)
    expect(server.received).equal('mn\r\nget a\r\n')
    expect(client.statistics()[server.name]!.errors).deep.equal({})
  })

  it('speaks meta again after a server had too many connections for a while', async () => {
    let isFull = true
    server = await ScriptedServer.start((socket) => {
      if (isFull) socket.end('ERROR Too many open connections\r\n')
      else replyToLines((line) => (line === 'mn' ? 'MN\r\n' : 'EN\r\n'))(socket)
    })
    client = new Client(server.name, { timeout: LATER, breaker: false })
    const error = await client.get('a').catch((caught: Error) => caught)
    expect(error).include({ code: 'UNREACHABLE' })
    expect((error as Error).message).contain('Too many open connections')
    isFull = false
    await eventually(undefined, () => client.get('b').catch((caught) => caught.code))
    expect(server.received).match(/mg b /).not.match(/get/)
  })

  it('names a server without meta commands if the program has asked for them', async () => {
    await begin(
      replyToLines(() => 'ERROR\r\n'),
      { protocol: 'meta' },
    )
    const error = await client.get('a').catch((caught: Error) => caught)
    expect((error as Error).message).contain('does not know meta commands')
  })

  it('fails calls that are under way when the client is closed, and all later ones', async () => {
    await begin(undefined)
    const call = codeOf(client.get('a'))
    await server.untilLines(1)
    await client.close()
    expect(await call).equal('CLOSED')
    expect(await codeOf(client.get('b'))).equal('CLOSED')
  })
})
