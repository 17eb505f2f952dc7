import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import { mock } from 'node:test'
import { expect } from 'chai'
import { exchange, receiveFrame, statistic, statistics } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, keyIn, Op, opaqueOf, request, statusOf, valueIn } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { needs, OPENSSL } from '../support/peers.js'
import { runServer } from '../support/server.js'
import { TlsSuite } from '../support/tls-suite.js'

const set = (key: string, value: Buffer | string) => request(Op.SET, { key, value, extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })
const NOOP = request(Op.NOOP)

describe('TLS', function () {
  this.slow(500)
  needs(OPENSSL)
  const tls = new TlsSuite()

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
    const { connection } = await tls.open((between.address() as net.AddressInfo).port)
    await exchange(connection, NOOP)
    return { connection, toServer }
  }

  for (const workers of [1, 2])
    describe(`with ${workers} of -t`, () => {
      it('carries what plain connections carry', async () => {
        await using running = await tls.start({ workers })
        const { connection, socket } = await tls.open(running.port)
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
        await using running = await tls.start({ workers })
        const { connection } = await tls.open(running.port)
        const value = pattern(100_000)
        await exchange(connection, set('key', value))
        connection.pause()
        connection.send(Buffer.concat(Array.from({ length: 300 }, () => get('key'))))
        const { connection: observer } = await tls.open(running.port)
        for (let n = 0; n < 20; n++) await exchange(observer, NOOP)
        expect(await statistic(observer, 'bytes_written')).to.be.lessThan(20_000_000)
        connection.resume()
        for (let n = 0; n < 300; n++) {
          expect(valueIn(await receiveFrame(connection)).equals(value)).to.equal(true)
        }
        connection.close()
        observer.close()
      })

      it('answers everything, in order, for a client that stops reading now and then', async () => {
        await using running = await tls.start({ workers })
        const { connection } = await tls.open(running.port)
        const observer = await tls.open(running.port)
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

      it('closes after the last reply, for a client that quits and for one that closes its side', async () => {
        await using running = await tls.start({ workers })
        for (const ends of ['by quitting', 'by its side']) {
          const { connection } = await tls.open(running.port)
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

      it('answers all that came before the end, even if the client reads it late', async () => {
        await using running = await tls.start({ workers })
        const { connection } = await tls.open(running.port)
        const [value, observer] = [pattern(10_000), await tls.open(running.port)]
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

      it('resumes earlier sessions only if configured', async () => {
        for (const sslSessionCache of [false, true]) {
          await using running = await tls.start({ workers, sslSessionCache })
          const comesBack = async (maxVersion: 'TLSv1.2' | 'TLSv1.3') => {
            const first = await tls.open(running.port, { maxVersion })
            let session = first.socket.getSession()
            first.socket.on('session', (later) => {
              session = later
            })
            await exchange(first.connection, NOOP)
            first.connection.close()
            const second = await tls.open(running.port, { maxVersion, ...(session && { session }) })
            await exchange(second.connection, NOOP)
            const isReused = second.socket.isSessionReused()
            second.connection.close()
            return isReused
          }
          expect(await comesBack('TLSv1.2')).to.equal(sslSessionCache)
          expect(await comesBack('TLSv1.3')).to.equal(sslSessionCache)
          const { connection } = await tls.open(running.port)
          const all = await statistics(connection)
          expect(all.get('ssl_new_sessions')).to.equal(sslSessionCache ? '3' : undefined)
          expect(all.get('total_connections')).to.equal('5')
          connection.close()
        }
      })

      it('counts a connection before its handshake, and a failed handshake does not affect others', async () => {
        await using running = await tls.start({ workers })
        const { connection } = await tls.open(running.port)
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

      it('distinguishes a client that breaks the protocol from one that disconnects', async () => {
        await using running = await tls.start({ workers })
        const { connection } = await tls.open(running.port)
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
    })

  it('gives a client ten seconds for its handshake', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      await using running = await tls.start()
      const silent = net.connect(running.port, '127.0.0.1')
      const ended = once(silent.resume(), 'end')
      const { connection } = await tls.open(running.port)
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

  it('speaks no older version than ssl_min_version says', async () => {
    await using running = await tls.start()
    await using newer = await tls.start({ sslMinVersion: 'TLSv1.3' })
    await using older = await tls.start({ sslMinVersion: 'TLSv1' })
    const [old, first] = [{ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1', maxVersion: 'TLSv1' }] as const
    const ciphers = 'DEFAULT:@SECLEVEL=0'
    expect(await tls.isServed(running.port, old)).to.equal(true)
    expect(await tls.isServed(running.port, { minVersion: 'TLSv1.3' })).to.equal(true)
    expect(await tls.isServed(running.port, { ...first, ciphers })).to.equal(false)
    expect(await tls.isServed(newer.port, old)).to.equal(false)
    expect(await tls.isServed(newer.port)).to.equal(true)
    expect(await tls.isServed(older.port, { ...first, ciphers })).to.equal(true)
  })

  it('offers the ciphers of ssl_ciphers, and always those of TLS 1.3', async () => {
    const sslCiphers = 'ECDHE-ECDSA-AES128-GCM-SHA256'
    await using running = await tls.start({ sslCiphers })
    const { connection, socket } = await tls.open(running.port, { maxVersion: 'TLSv1.2' })
    expect(socket.getCipher().name).to.equal(sslCiphers)
    connection.close()
    const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384'
    expect(await tls.isServed(running.port, { maxVersion: 'TLSv1.2', ciphers })).to.equal(false)
    expect(await tls.isServed(running.port, { minVersion: 'TLSv1.3' })).to.equal(true)
  })

  it('closes a connection beyond -c without an error message', async () => {
    await using running = await tls.start({ connectionsMax: 1 })
    const { connection } = await tls.open(running.port)
    const second = net.connect(running.port, '127.0.0.1')
    const bytes: Buffer[] = []
    for await (const chunk of second) bytes.push(chunk)
    expect(Buffer.concat(bytes).length).to.equal(0)
    expect(await statistic(connection, 'rejected_connections')).to.equal(1)
    connection.close()
  })

  it('is not spoken on a unix socket', async () => {
    const socketPath = join(tls.path, 'socket')
    await using _ = await tls.start({ socketPath })
    const connection = await Connection.open({ path: socketPath })
    expect(statusOf(await exchange(connection, NOOP))).to.equal(0)
    connection.close()
  })

  it('is in the help', async () => {
    expect((await runServer(['-h'])).stdout)
      .to.include('--enable-ssl')
      .and.include('ssl_session_cache')
  })
})
