import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { mock } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { expect } from 'chai'
import type { ServerOptions } from '../../lib/options/table/options.js'
import { Server } from '../../lib/server/server.js'
import { exchange, receiveFrame, statistic, statistics } from '../support/binary-client.js'
import { type Certificate, CertificateFolder } from '../support/certificates.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, keyIn, Op, opaqueOf, request, statusOf, valueIn } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { needs, OPENSSL } from '../support/peers.js'
import { runServer } from '../support/server.js'

const set = (key: string, value: Buffer | string) => request(Op.SET, { key, value, extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })
const NOOP = request(Op.NOOP)

describe('TLS', function () {
  this.slow(500)
  needs(OPENSSL)
  const folder = new CertificateFolder()
  let server: Certificate
  let other: Certificate
  let authority: Certificate
  let client: Certificate
  let stranger: Certificate
  before(() => {
    authority = folder.make('authority')
    server = folder.make('server')
    other = folder.make('other')
    client = folder.make('client', authority)
    stranger = folder.make('stranger')
  })

  const start = (options: Partial<ServerOptions> = {}) =>
    Server.start({
      port: 0,
      sslEnabled: true,
      sslChainCert: server.cert,
      sslKey: server.key,
      ...options,
    })

  const shown = ({ cert, key }: Certificate) => ({ cert: readFileSync(cert), key: readFileSync(key) })

  const open = (port: number, options: ConnectionOptions = {}) =>
    Connection.openTls({ host: '127.0.0.1', port, ...options })

  /** A connection whose encrypted bytes pass through this process, so that they can be tampered with. */
  async function openThroughHere(port: number) {
    const toServer = net.connect(port, '127.0.0.1')
    const between = net.createServer((fromClient) => {
      between.close()
      fromClient.on('error', () => undefined).pipe(toServer)
      toServer.on('error', () => undefined).pipe(fromClient)
    })
    between.listen(0, '127.0.0.1')
    await once(between, 'listening')
    const { connection } = await open((between.address() as net.AddressInfo).port)
    await exchange(connection, NOOP)
    return { connection, toServer }
  }

  /** Whether a client gets an answer. */
  async function isServed(port: number, options: ConnectionOptions = {}): Promise<boolean> {
    try {
      const { connection } = await open(port, options)
      const reply = await exchange(connection, NOOP).finally(() => connection.close())
      return statusOf(reply) === 0
    } catch {
      return false
    }
  }

  /** The name in the certificate that the server shows to who comes now. */
  async function nameShown(port: number): Promise<string> {
    const { connection, socket } = await open(port)
    const { CN } = socket.getPeerCertificate().subject
    connection.close()
    return `${CN}`
  }

  for (const workers of [1, 2])
    describe(`with ${workers} of -t`, () => {
      it('carries what plain connections carry', async () => {
        await using running = await start({ workers })
        const { connection, socket } = await open(running.port)
        expect(socket.getPeerCertificate().subject.CN).to.equal('server')
        const values = [0, 1, 100, 16_384, 16_385, 65_536, 900_000].map((length) => pattern(length))
        for (const [index, value] of values.entries()) {
          expect(statusOf(await exchange(connection, set(`key ${index}`, value)))).to.equal(0)
        }
        connection.send(Buffer.concat(values.map((_, index) => get(`key ${index}`))))
        for (const value of values) {
          expect(valueIn(await receiveFrame(connection)).equals(value)).to.equal(true)
        }
        connection.close()
      })

      it('waits for a client that does not read, and loses nothing', async () => {
        await using running = await start({ workers })
        const { connection } = await open(running.port)
        const value = pattern(100_000)
        await exchange(connection, set('key', value))
        connection.pause()
        connection.send(Buffer.concat(Array.from({ length: 300 }, () => get('key'))))
        const { connection: observer } = await open(running.port)
        for (let n = 0; n < 20; n++) await exchange(observer, NOOP)
        expect(await statistic(observer, 'bytes_written')).to.be.lessThan(20_000_000)
        connection.resume()
        for (let n = 0; n < 300; n++) {
          expect(valueIn(await receiveFrame(connection)).equals(value)).to.equal(true)
        }
        connection.close()
        observer.close()
      })

      it('answers all, in order, of a client that stops reading now and then', async () => {
        await using running = await start({ workers })
        const { connection } = await open(running.port)
        const observer = await open(running.port)
        const keys = Array.from({ length: 400 }, (_, n) => `${n}`.padEnd(200, 'k'))
        for (const key of keys) await exchange(connection, set(key, pattern(5000 + key.length)))
        for (let round = 0; round < 3; round++) {
          connection.pause()
          connection.send(Buffer.concat(keys.map((key, n) => request(Op.GETK, { key, opaque: n }))))
          for (let n = 0; n < 20; n++) await exchange(observer.connection, NOOP)
          connection.resume()
          for (const [n, key] of keys.entries()) {
            const frame = await receiveFrame(connection)
            expect([opaqueOf(frame), keyIn(frame)]).to.deep.equal([n, key])
          }
          expect(valueIn(await exchange(connection, get(keys[0]!))).length).to.equal(5200)
        }
        connection.close()
        observer.connection.close()
      })

      it('ends after the last reply, for a client that quits and for one that ends its side', async () => {
        await using running = await start({ workers })
        for (const ends of ['by quitting', 'by its side']) {
          const { connection } = await open(running.port)
          await exchange(connection, set('key', pattern(100_000)))
          connection.send(get('key'))
          if (ends === 'by quitting') connection.send(request(Op.QUIT))
          else connection.endSide()
          const { bytes, ending } = await connection.receiveRest()
          expect(bytes.length).to.equal(24 + 4 + 100_000 + (ends === 'by quitting' ? 24 : 0))
          expect(ending).to.equal('end of stream')
          connection.close()
        }
      })

      it('answers all that came before the end, though the client reads it late', async () => {
        await using running = await start({ workers })
        const { connection } = await open(running.port)
        const [value, observer] = [pattern(10_000), await open(running.port)]
        await exchange(connection, set('key', value))
        connection.pause()
        connection.send(Buffer.concat(Array.from({ length: 1000 }, () => get('key'))))
        connection.endSide()
        for (let n = 0; n < 10; n++) await exchange(observer.connection, NOOP)
        connection.resume()
        const { bytes, ending } = await connection.receiveRest()
        expect(bytes.length).to.equal(1000 * (24 + 4 + 10_000))
        expect(ending).to.equal('end of stream')
        connection.close()
        observer.connection.close()
      })

      it('shows new certificates to who comes after it was told to read them again', async () => {
        const [cert, key] = [join(folder.path, `live-${workers}`), join(folder.path, `live-key-${workers}`)]
        copyFileSync(server.cert, cert)
        copyFileSync(server.key, key)
        await using running = await start({ workers, sslChainCert: cert, sslKey: key })
        const { connection, socket } = await open(running.port)
        copyFileSync(other.cert, cert)
        copyFileSync(other.key, key)
        expect(await nameShown(running.port)).to.equal('server')
        running.reload()
        for (let n = 0; n < 4; n++) expect(await nameShown(running.port)).to.equal('other')
        expect(statusOf(await exchange(connection, NOOP))).to.equal(0)
        expect(socket.getPeerCertificate().subject.CN).to.equal('server')
        connection.close()
      })

      it('goes on with earlier sessions only where that was asked for', async () => {
        for (const sslSessionCache of [false, true]) {
          await using running = await start({ workers, sslSessionCache })
          const comesBack = async (maxVersion: 'TLSv1.2' | 'TLSv1.3') => {
            const first = await open(running.port, { maxVersion })
            let session = first.socket.getSession()
            first.socket.on('session', (later) => {
              session = later
            })
            await exchange(first.connection, NOOP)
            first.connection.close()
            const second = await open(running.port, { maxVersion, ...(session && { session }) })
            await exchange(second.connection, NOOP)
            const isReused = second.socket.isSessionReused()
            second.connection.close()
            return isReused
          }
          expect(await comesBack('TLSv1.2')).to.equal(sslSessionCache)
          expect(await comesBack('TLSv1.3')).to.equal(sslSessionCache)
          const { connection } = await open(running.port)
          const all = await statistics(connection)
          expect(all.get('ssl_new_sessions')).to.equal(sslSessionCache ? '3' : undefined)
          expect(all.get('total_connections')).to.equal('5')
          connection.close()
        }
      })

      it('counts a connection before its handshake, and one that fails in it costs nobody else anything', async () => {
        await using running = await start({ workers })
        const { connection } = await open(running.port)
        const silent = await Connection.open({ host: '127.0.0.1', port: running.port })
        expect(await eventually(2, () => statistic(connection, 'curr_connections'))).to.equal(2)
        const plain = await Connection.open({ host: '127.0.0.1', port: running.port })
        plain.send(NOOP)
        await plain.receiveRest()
        plain.close()
        silent.close()
        expect(await eventually(1, () => statistic(connection, 'curr_connections'))).to.equal(1)
        expect(await statistic(connection, 'ssl_handshake_errors')).to.equal(1)
        expect(await statistic(connection, 'ssl_proto_errors')).to.equal(0)
        connection.close()
      })

      it('tells a client that breaks the protocol from one that just goes', async () => {
        await using running = await start({ workers })
        const { connection } = await open(running.port)
        const spoilt = await openThroughHere(running.port)
        spoilt.toServer.write('this is no record of TLS\r\n')
        expect(await eventually(1, () => statistic(connection, 'ssl_proto_errors'))).to.equal(1)
        const gone = await openThroughHere(running.port)
        gone.toServer.resetAndDestroy()
        expect(await eventually(1, () => statistic(connection, 'curr_connections'))).to.equal(1)
        expect(await statistic(connection, 'ssl_proto_errors')).to.equal(1)
        expect(await statistic(connection, 'ssl_handshake_errors')).to.equal(0)
        spoilt.connection.close()
        gone.connection.close()
        connection.close()
      })

      it('is as each listener says', async () => {
        const addresses = (['notls', 'btls', 'mtls'] as const).map((tls) => ({ host: '127.0.0.1', tls }))
        await using running = await start({ workers, listen: addresses, sslCaCert: authority.cert })
        const [plain, encrypted, mutual] = running.addresses.map(({ port }) => port)
        const connection = await Connection.open({ host: '127.0.0.1', port: plain! })
        await exchange(connection, set('key', 'value'))
        connection.close()
        const { connection: other } = await open(encrypted!)
        expect(`${valueIn(await exchange(other, get('key')))}`).to.equal('value')
        other.close()
        expect(await isServed(mutual!)).to.equal(false)
        expect(await isServed(mutual!, shown(stranger))).to.equal(false)
        expect(await isServed(mutual!, shown(client))).to.equal(true)
      })
    })

  it('gives a client ten seconds for its handshake', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      await using running = await start()
      const silent = net.connect(running.port, '127.0.0.1')
      const ended = once(silent.resume(), 'end')
      const { connection } = await open(running.port)
      expect(await statistic(connection, 'curr_connections')).to.equal(2)
      mock.timers.tick(9_999)
      expect(await statistic(connection, 'curr_connections')).to.equal(2)
      mock.timers.tick(1)
      await ended
      expect(await statistic(connection, 'curr_connections')).to.equal(1)
      expect(await statistic(connection, 'ssl_handshake_errors')).to.equal(1)
      connection.close()
      silent.destroy()
    } finally {
      mock.timers.reset()
    }
  })

  it('asks clients for certificates as ssl_verify_mode says', async () => {
    const served = async (options: Partial<ServerOptions>) => {
      await using running = await start(options)
      const { port } = running
      return [
        await isServed(port),
        await isServed(port, shown(stranger)),
        await isServed(port, shown(client)),
      ]
    }
    const sslCaCert = authority.cert
    expect(await served({ sslVerifyMode: 'none', sslCaCert })).to.deep.equal([true, true, true])
    expect(await served({ sslVerifyMode: 'request', sslCaCert })).to.deep.equal([true, false, true])
    expect(await served({ sslVerifyMode: 'once', sslCaCert })).to.deep.equal([true, false, true])
    expect(await served({ sslVerifyMode: 'require', sslCaCert })).to.deep.equal([false, false, true])
    // Without ssl_ca_cert there is nobody who could vouch for a client.
    expect(await served({ sslVerifyMode: 'request' })).to.deep.equal([true, false, false])
    expect(await served({ sslVerifyMode: 'require' })).to.deep.equal([false, false, false])
  })

  it('speaks no older version than ssl_min_version says', async () => {
    await using running = await start()
    await using newer = await start({ sslMinVersion: 'TLSv1.3' })
    await using older = await start({ sslMinVersion: 'TLSv1' })
    const [old, first] = [{ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1', maxVersion: 'TLSv1' }] as const
    const ciphers = 'DEFAULT:@SECLEVEL=0'
    expect(await isServed(running.port, old)).to.equal(true)
    expect(await isServed(running.port, { minVersion: 'TLSv1.3' })).to.equal(true)
    expect(await isServed(running.port, { ...first, ciphers })).to.equal(false)
    expect(await isServed(newer.port, old)).to.equal(false)
    expect(await isServed(newer.port)).to.equal(true)
    expect(await isServed(older.port, { ...first, ciphers })).to.equal(true)
  })

  it('offers the ciphers of ssl_ciphers, and TLS 1.3 all the same', async () => {
    const sslCiphers = 'ECDHE-ECDSA-AES128-GCM-SHA256'
    await using running = await start({ sslCiphers })
    const { connection, socket } = await open(running.port, { maxVersion: 'TLSv1.2' })
    expect(socket.getCipher().name).to.equal(sslCiphers)
    connection.close()
    const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384'
    expect(await isServed(running.port, { maxVersion: 'TLSv1.2', ciphers })).to.equal(false)
    expect(await isServed(running.port, { minVersion: 'TLSv1.3' })).to.equal(true)
  })

  it('takes a key that is in the file of the certificate, or in DER', async () => {
    const both = join(folder.path, 'both.pem')
    writeFileSync(both, Buffer.concat([readFileSync(server.cert), readFileSync(server.key)]))
    await using together = await start({ sslChainCert: both, sslKey: null, sslCaCert: both })
    expect(await isServed(together.port)).to.equal(true)
    const der = join(folder.path, 'key.der')
    const lines = readFileSync(server.key, 'latin1').split('\n')
    writeFileSync(der, Buffer.from(lines.filter((line) => !line.startsWith('-')).join(''), 'base64'))
    await using binary = await start({ sslKey: der, sslKeyFormat: 'DER' })
    expect(await isServed(binary.port)).to.equal(true)
  })

  it('keeps its certificates when the new ones cannot be read, and says so', async () => {
    const cert = join(folder.path, 'spoilt.pem')
    copyFileSync(server.cert, cert)
    await using running = await start({ sslChainCert: cert })
    writeFileSync(cert, 'nothing of the kind')
    const { write } = process.stderr
    let said = ''
    process.stderr.write = (chunk: string | Uint8Array) => {
      said += chunk
      return true
    }
    running.reload()
    process.stderr.write = write
    expect(said).to.match(
      /^keepcached: -o ssl_chain_cert: \S+spoilt.pem holds no certificate in PEM; .* stay in force\n$/,
    )
    expect(await nameShown(running.port)).to.equal('server')
  })

  it('does not begin with a file that is not what it should be, and says which', async () => {
    const nonsense = join(folder.path, 'nonsense')
    writeFileSync(nonsense, 'nothing of the kind')
    const encrypted = join(folder.path, 'encrypted-key.pem')
    writeFileSync(encrypted, readFileSync(server.key, 'utf8').replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'))
    const wrong: readonly (readonly [Partial<ServerOptions>, string])[] = [
      [{ sslChainCert: nonsense }, `-o ssl_chain_cert: ${nonsense} holds no certificate in PEM`],
      [
        { sslKey: null },
        `-o ssl_chain_cert: ${server.cert} holds no private key in PEM; -o ssl_key names another file`,
      ],
      [{ sslKey: nonsense }, `-o ssl_key: ${nonsense} holds no private key in PEM`],
      [{ sslKey: nonsense, sslKeyFormat: 'DER' }, `-o ssl_key: ${nonsense} holds no private key in DER`],
      [{ sslKey: `${nonsense}-2` }, `-o ssl_key: ${nonsense}-2 cannot be read: no such file or directory`],
      [
        { sslKey: other.key },
        `-o ssl_key: the key in ${other.key} is not that of the certificate in ${server.cert}`,
      ],
      [
        { sslKey: encrypted },
        `-o ssl_key: the key in ${encrypted} is encrypted; there is nobody to ask for its passphrase`,
      ],
      [{ sslCaCert: nonsense }, `-o ssl_ca_cert: ${nonsense} holds no certificate in PEM`],
      [{ sslCiphers: 'NONE' }, '-o ssl_ciphers: NONE is no list of ciphers'],
    ]
    for (const [options, sentence] of wrong) {
      const error = await start(options).catch((reason: unknown) => reason)
      expect((error as Error).message).to.equal(sentence)
    }
  })

  it('tells how long ago certificates were read', async () => {
    await using running = await start()
    const { connection } = await open(running.port)
    const age = () => statistic(connection, 'time_since_server_cert_refresh')
    expect(await eventually(1, age)).to.equal(1)
    running.reload()
    expect(await age()).to.equal(0)
    connection.close()
  })

  it('has no room for an explanation where a connection is one too many', async () => {
    await using running = await start({ connectionsMax: 1 })
    const { connection } = await open(running.port)
    const second = net.connect(running.port, '127.0.0.1')
    const bytes: Buffer[] = []
    for await (const chunk of second) bytes.push(chunk)
    expect(Buffer.concat(bytes).length).to.equal(0)
    expect(await statistic(connection, 'rejected_connections')).to.equal(1)
    connection.close()
  })

  it('is not spoken on a unix socket', async () => {
    const socketPath = join(folder.path, 'socket')
    await using _ = await start({ socketPath })
    const connection = await Connection.open({ path: socketPath })
    expect(statusOf(await exchange(connection, NOOP))).to.equal(0)
    connection.close()
  })

  it('does not begin without a certificate, and says which file it is', async () => {
    const missing = join(folder.path, 'missing')
    const options = ['-Z', '-p', '-1', '-o', `ssl_chain_cert=${missing}`]
    const { code, stderr } = await runServer(options)
    expect(code).to.be.greaterThan(0)
    expect(stderr).to.equal(
      `keepcached: -o ssl_chain_cert: ${missing} cannot be read: no such file or directory\n`,
    )
    expect((await runServer(['-Z'])).stderr).to.equal(
      'keepcached: -Z: TLS has to have a certificate; give -o ssl_chain_cert\n',
    )
  })

  it('is in the help', async () => {
    expect((await runServer(['-h'])).stdout)
      .to.include('--enable-ssl')
      .and.include('ssl_session_cache')
  })
})
