import { readFileSync } from 'node:fs'
import type { LookupFunction } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { type Connection, connect, type Handlers, lines, listen } from '../../lib/net/index.js'
import { CertificateFolder } from '../support/certificates.js'
import { needs, OPENSSL } from '../support/peers.js'
import { closing, Recorder, rawClient } from './kit.js'

const echo: Handlers<string> = { onMessage: (line, connection) => void connection.send(line) }

describe('A connection over TLS', () => {
  const afterwards = closing()
  needs(OPENSSL)
  const certificates = new CertificateFolder()
  let ca: Buffer
  let tls: { cert: Buffer; key: Buffer }
  before(() => {
    const { cert, key } = certificates.make('cache.test')
    ca = readFileSync(cert)
    tls = { cert: ca, key: readFileSync(key) }
  })
  const lookup = ((_name, _options, callback) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }])) as LookupFunction

  it('sends and receives, long messages too, and ends in order', async () => {
    const names: unknown[] = []
    const listener = await listen(
      lines({ maxLength: 1_000_000 }),
      {
        ...echo,
        onConnect: ({ socket }: Connection<string>) => {
          names.push((socket as TLSSocket & { servername: unknown }).servername)
        },
      },
      { tls },
    )
    afterwards(() => listener.close())
    const events = new Recorder()
    const options = { host: 'cache.test', port: listener.port, lookup, tls: { ca } }
    const connection = connect(lines({ maxLength: 1_000_000 }), events, options)
    const wanted = Array.from({ length: 50 }, (_, index) => `${index} ${'x'.repeat(index * 1000)}`)
    for (const line of wanted) connection.send(line)
    await events.sees(`message ${wanted.at(-1)}`)
    await connection.end()
    expect(events.messages).to.deep.equal(wanted)
    expect(events.events.at(-1)).to.equal('close closed')
    expect(names).to.deep.equal(['cache.test'])
  })

  it('sends no name with an address, and the name that it is told to', async () => {
    const names: unknown[] = []
    const events = new Recorder()
    const listener = await listen(
      lines(),
      {
        onConnect: ({ socket }) => void names.push((socket as unknown as { servername: unknown }).servername),
      },
      { tls },
    )
    afterwards(() => listener.close())
    const place = { host: '127.0.0.1', port: listener.port }
    // The certificate has the name alone.
    await connect(lines(), events, { ...place, tls: { ca } }).whenClosed()
    expect(events.events[0]).to.equal('error ERR_TLS_CERT_ALTNAME_INVALID')
    const named = connect(lines(), events, { ...place, tls: { ca, servername: 'cache.test' } })
    await events.sees('connect')
    await named.end()
    expect(names.at(-1)).to.equal('cache.test')
    expect(names.slice(0, -1).filter((name) => name !== false)).to.deep.equal([])
  })

  it('is refused if nobody vouches for the certificate', async () => {
    const listener = await listen(lines(), echo, { tls })
    afterwards(() => listener.close())
    const events = new Recorder()
    await connect(lines(), events, { port: listener.port, tls: true }).whenClosed()
    expect(events.events).to.deep.equal([
      'error DEPTH_ZERO_SELF_SIGNED_CERT',
      'close closed DEPTH_ZERO_SELF_SIGNED_CERT',
    ])
  })

  it('does not hold up the end of a listener before it is set up', async () => {
    const listener = await listen(lines(), echo, { tls })
    const client = await rawClient(listener.port)
    client.write('no TLS yet')
    await listener.close()
    client.destroy()
  })

  it('has back-pressure: every byte arrives although the peer reads slowly', async () => {
    const LINE = 'x'.repeat(9999)
    const listener = await listen(
      lines(),
      {
        onConnect: (connection) => {
          connection.pause()
          setTimeout(() => connection.resume(), 50)
        },
        onMessage: (line) => {
          count += line === LINE ? 1 : Number.NaN
        },
      },
      { tls },
    )
    afterwards(() => listener.close())
    let count = 0
    const events = new Recorder()
    const options = { host: 'cache.test', port: listener.port, lookup, tls: { ca } }
    const connection = connect(lines(), events, options)
    await events.sees('connect')
    let sent = 0
    for (let round = 1; round <= 3; round++) {
      do sent++
      while (connection.send(LINE))
      await events.sees('drain', round)
    }
    await connection.end()
    expect(count).to.equal(sent)
  })
})

describe('The addresses of a connection', () => {
  const afterwards = closing()

  it('may be of IPv6', async function () {
    const listener = await listen(lines(), echo, { host: '::1' }).catch(() => undefined)
    if (listener === undefined) this.skip()
    afterwards(() => listener.close())
    expect(listener.host).to.equal('::1')
    const events = new Recorder()
    const connection = connect(lines(), events, { host: '::1', port: listener.port })
    connection.send('hello')
    await connection.end()
    expect(events.messages).to.deep.equal(['hello'])
  })

  const several = ((_name, _options, callback) =>
    callback(null, [
      { address: '127.0.0.2', family: 4 },
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ])) as LookupFunction

  it('are all tried, until one answers', async () => {
    const listener = await listen(lines(), echo)
    afterwards(() => listener.close())
    const events = new Recorder()
    const connection = connect(lines(), events, { host: 'cache.test', port: listener.port, lookup: several })
    connection.send('hello')
    await events.sees('message hello')
    expect(connection.socket!.remoteAddress).to.equal('127.0.0.1')
    await connection.end()
  })

  it('are all in the error if none answers', async () => {
    const listener = await listen(lines(), echo)
    await listener.close()
    const events = new Recorder()
    await connect(lines(), events, { host: 'cache.test', port: listener.port, lookup: several }).whenClosed()
    const [error] = events.errors
    expect(error).to.be.instanceOf(AggregateError)
    expect((error as AggregateError).errors.length).to.equal(3)
  })

  it('are looked up by the system by default', async () => {
    const events = new Recorder()
    await connect(lines(), events, { host: 'nowhere.invalid', port: 1 }).whenClosed()
    expect(events.events[0]).to.match(/^error (ENOTFOUND|EAI_AGAIN)$/)
  })
})
