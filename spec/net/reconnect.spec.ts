import { expect } from 'chai'
import { Backoff } from '../../lib/net/backoff.js'
import { type Codec, connect, type Input, lines, NEED_MORE, type Output } from '../../lib/net/index.js'
import { closing, Recorder, rawServer, receives, textUntilEnd } from './kit.js'

const SOON = { minMs: 1, maxMs: 5 }

describe('Connecting again', () => {
  const afterwards = closing()

  it('goes on after the peer has ended, and after a reset', async () => {
    const server = await rawServer()
    afterwards(server.close)
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port, reconnect: SOON })
    afterwards(() => connection.destroy())
    const first = await server.socket(0)
    await events.sees('connect', 1)
    first.resetAndDestroy()
    await events.sees('connect', 2)
    const second = await server.socket(1)
    connection.send('again')
    await receives(second, 'again\n')
    second.end()
    await events.sees('connect', 3)
    const third = await server.socket(2)
    third.write('welcome\n')
    await events.sees('message welcome')
    void connection.end()
    expect(await textUntilEnd(third)).to.equal('')
    third.end()
    await connection.whenClosed()
    expect(events.events).to.deep.equal([
      'connect',
      'error ECONNRESET',
      'close connecting ECONNRESET',
      'connect',
      'close connecting',
      'connect',
      'message welcome',
      'close closed',
    ])
  })

  it('drops what waited when the connection was lost, and keeps what is accepted meanwhile', async () => {
    const server = await rawServer((socket) => socket.pause())
    afterwards(server.close)
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port, reconnect: SOON })
    afterwards(() => connection.destroy())
    await events.sees('connect')
    while (connection.send('x'.repeat(9999)));
    connection.send('lost')
    const first = await server.socket(0)
    first.resetAndDestroy()
    await events.sees('close connecting ECONNRESET')
    expect(connection.queuedLength).to.equal(0)
    connection.send('new')
    const second = await server.socket(1)
    await receives(second.resume(), 'new\n')
  })

  it('has an end, after so many failed attempts in a row', async () => {
    const server = await rawServer()
    await server.close()
    const events = new Recorder()
    const reconnect = { ...SOON, attempts: 3 }
    const connection = connect(lines(), events, { port: server.port, reconnect })
    connection.send('kept until then')
    await connection.whenClosed()
    const failed = Array.from({ length: 4 }, () => 'error ECONNREFUSED')
    expect(events.events).to.deep.equal([...failed, 'close closed ECONNREFUSED'])
  })

  it('reports an attempt that Node refuses at once like any other that fails', async () => {
    const events = new Recorder()
    const tls = { minVersion: 'TLSv9' as 'TLSv1.3' }
    const connection = connect(lines(), events, { port: 1, tls, reconnect: { ...SOON, attempts: 1 } })
    expect(events.events).to.deep.equal([])
    connection.send('kept until then')
    await connection.whenClosed()
    const code = 'ERR_TLS_INVALID_PROTOCOL_VERSION'
    expect(events.events).to.deep.equal([`error ${code}`, `error ${code}`, `close closed ${code}`])
    const ended = new Recorder()
    const other = connect(lines(), ended, { port: 1, tls })
    await other.end()
    expect(ended.events).to.deep.equal(['close closed'])
  })

  it('counts a peer that accepts connections and closes them as failing', async () => {
    const server = await rawServer((socket) => socket.destroy())
    afterwards(server.close)
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port, reconnect: { ...SOON, attempts: 3 } })
    await connection.whenClosed()
    expect(server.sockets.length).to.equal(4)
  })

  it('begins to count anew when the peer has sent something', async () => {
    const server = await rawServer((socket) => socket.end('hello\n'))
    afterwards(server.close)
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port, reconnect: { ...SOON, attempts: 1 } })
    await events.sees('message hello', 4)
    connection.destroy()
  })

  it('is over once the connection is destroyed or ended, while it waits too', async () => {
    for (const stop of ['destroy', 'end'] as const) {
      const server = await rawServer()
      const events = new Recorder()
      const reconnect = { minMs: 100_000, maxMs: 100_000 }
      const connection = connect(lines(), events, { port: server.port, reconnect })
      await events.sees('connect')
      await server.close()
      await events.sees('close connecting')
      expect(connection.state).to.equal('connecting')
      expect(connection.socket).to.equal(undefined)
      connection[stop]()
      await connection.whenClosed()
      expect(events.events).to.deep.equal(['connect', 'close connecting', 'close closed'])
    }
  })

  it('begins with a new codec and no byte of the connection before', async () => {
    const server = await rawServer((socket) => socket.end('hal'))
    afterwards(server.close)
    let made = 0
    const events = new Recorder()
    const makeCodec = (): Codec<string> => {
      made++
      return {
        decode(input: Input) {
          if (input.end - input.start > 3) throw new Error('bytes of two connections')
          return NEED_MORE
        },
        encode: (line: string, output: Output) => output.writeAscii(line),
      }
    }
    const connection = connect(makeCodec, events, { port: server.port, reconnect: SOON })
    await events.sees('error INCOMPLETE', 3)
    connection.destroy()
    expect(made).to.be.at.least(3)
    expect(events.countOf('error bytes of two connections')).to.equal(0)
  })
})

describe('The wait between attempts', () => {
  const options = { minMs: 10, maxMs: 100, factor: 3, jitter: 0.5, attempts: 5 }

  it('grows by its factor up to its maximum, for so many attempts', () => {
    const backoff = new Backoff(options, () => 0)
    expect(Array.from({ length: 6 }, () => backoff.next())).to.deep.equal([10, 30, 90, 100, 100, undefined])
    backoff.succeed()
    expect(backoff.next()).to.equal(10)
  })

  it('is shorter by a random part, at most the jitter', () => {
    const backoff = new Backoff(options, () => 0.5)
    expect([backoff.next(), backoff.next()]).to.deep.equal([7.5, 22.5])
    const waits = Array.from({ length: 100 }, () => new Backoff(options).next()!)
    expect(Math.min(...waits)).to.be.at.least(5)
    expect(Math.max(...waits)).to.be.at.most(10)
    expect(new Set(waits).size).to.be.above(1)
  })
})
