import dgram from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { commandLineMessageOf } from '../../lib/options/start-error.js'
import { DatagramSocket } from '../../lib/server/datagrams/datagram-socket.js'
import { Server } from '../../lib/server/server.js'
import { exchange, statistics } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { DatagramClient, header } from '../support/datagram-client.js'
import { eventually } from '../support/eventually.js'
import {
  counterExtras,
  itemExtras,
  Op,
  reply,
  request,
  splitFrames,
  statusOf,
  valueIn,
} from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { freePort, spawnServer } from '../support/server.js'

const set = (key: string, value: Buffer | string) => request(Op.SET, { key, value, extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })
const NOOP = request(Op.NOOP)
const NOOP_REPLY = reply(Op.NOOP)

describe('Datagrams to a server that keeps items', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-datagrams-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const fsync of ['always', 'everysec'] as const)
    it(`are answered once their changes are safe, fsync ${fsync}`, async () => {
      const server = await Server.start({ port: 0, udpPort: 0, dataDirectory: join(folder, fsync), fsync })
      const client = await DatagramClient.open(server.addresses.find(({ isDatagram }) => isDatagram)!.port)
      const connection = await Connection.open({ host: '127.0.0.1', port: server.port })
      expect(statusOf(await client.ask(1, set('key', 'value')))).to.equal(0)
      const journal = await statistics(connection, 'journal')
      if (fsync === 'always') expect(journal.get('unsynced_bytes')).to.equal('0')
      expect(Number(journal.get('written_bytes'))).to.be.above(0)
      expect(`${valueIn(await client.ask(2, get('key')))}`).to.equal('value')
      client.close()
      await server.stop()
    })
})

for (const workers of [1, 2])
  describe(`Datagrams, with ${workers} of -t,`, () => {
    let server: Server
    let client: DatagramClient
    before(async () => {
      server = await Server.start({ port: 0, udpPort: 0, workers })
    })
    after(() => server.stop())
    beforeEach(async () => {
      client = await DatagramClient.open(server.addresses.find(({ isDatagram }) => isDatagram)!.port)
    })
    afterEach(() => client.close())
    const connect = () => Connection.open({ host: '127.0.0.1', port: server.port })

    it('are answered with the id of the request, each in one datagram', async () => {
      client.send(0xabcd, NOOP)
      const [datagram] = await client.receive()
      expect(datagram).to.deep.equal(Buffer.concat([header(0xabcd, 0, 1), NOOP_REPLY]))
    })

    it('change what connections see, and see what they change', async () => {
      const connection = await connect()
      expect(statusOf(await client.ask(1, set('key', 'value')))).to.equal(0)
      expect(`${valueIn(await exchange(connection, get('key')))}`).to.equal('value')
      await exchange(connection, set('counter', '41'))
      const counted = await client.ask(
        2,
        request(Op.INCREMENT, { key: 'counter', extras: counterExtras(1n) }),
      )
      expect(valueIn(counted).readBigUInt64BE()).to.equal(42n)
      expect(statusOf(await client.ask(3, request(Op.DELETE, { key: 'key' })))).to.equal(0)
      expect(statusOf(await client.ask(4, get('key')))).to.equal(1)
      connection.close()
    })

    it('may hold several requests, whose replies are sent together', async () => {
      const frames = splitFrames(await client.ask(5, Buffer.concat([set('key', 'v'), get('key'), NOOP])))
      expect(frames.map(statusOf)).to.deep.equal([0, 0, 0])
      expect(frames[2]).to.deep.equal(NOOP_REPLY)
    })

    it('get long replies in several datagrams, of 1400 bytes at most, each with its number', async () => {
      const connection = await connect()
      const value = pattern(20_000)
      await exchange(connection, set('key', value))
      client.send(6, get('key'))
      const datagrams = await client.receive()
      expect(datagrams.length).to.equal(15)
      for (const [sequence, datagram] of datagrams.entries()) {
        expect(datagram.subarray(0, 8)).to.deep.equal(header(6, sequence, 15))
        expect(datagram.length).to.be.at.most(1400)
      }
      const frame = Buffer.concat(datagrams.map((datagram) => datagram.subarray(8)))
      expect(valueIn(frame).equals(value)).to.equal(true)
      connection.close()
    })

    it('may be as long as one read of a connection', async () => {
      const value = pattern(4000)
      expect(statusOf(await client.ask(7, set('key', value)))).to.equal(0)
      expect(valueIn(await client.ask(8, get('key'))).equals(value)).to.equal(true)
    })

    it('are not answered if they are not whole requests, or if the answer would be too long', async () => {
      const connection = await connect()
      await exchange(connection, set('key', pattern(900_000)))
      const nothing: Buffer[] = [
        Buffer.concat([header(9, 0, 2), NOOP]),
        Buffer.concat([header(9, 0, 0), NOOP]),
        header(9, 0, 1),
        Buffer.alloc(0),
        Buffer.of(1, 2, 3),
        Buffer.concat([header(9, 0, 1), NOOP.subarray(0, 23)]),
        Buffer.concat([header(9, 0, 1), set('long', pattern(20_000))]),
        Buffer.concat([header(9, 0, 1), set('cut', pattern(20_000)).subarray(0, 1000)]),
        Buffer.concat([header(9, 0, 1), get('key'), get('key'), get('key')]),
        Buffer.concat([
          header(9, 0, 1),
          request(Op.SETQ, { key: 'quiet', value: 'v', extras: itemExtras() }),
        ]),
      ]
      for (const datagram of nothing) client.sendRaw(datagram)
      client.send(10, NOOP)
      const [datagram] = await client.receive()
      expect(datagram!.subarray(0, 8)).to.deep.equal(header(10, 0, 1))
      // Unanswered datagrams leave nothing behind: no room in the store, no window, no pinned value.
      expect(statusOf(await exchange(connection, get('quiet')))).to.equal(0)
      for (const key of ['long', 'cut']) expect(statusOf(await exchange(connection, get(key)))).to.equal(1)
      expect(statusOf(await exchange(connection, set('key', 'other')))).to.equal(0)
      connection.close()
    })

    it('do not affect each other: quit in one ends nothing', async () => {
      expect(statusOf(await client.ask(11, Buffer.concat([request(Op.QUIT), NOOP])))).to.equal(0)
      expect(await client.ask(12, NOOP)).to.deep.equal(NOOP_REPLY)
    })

    it('arrive at a socket that stats conns lists after the listeners, and stats settings shows', async () => {
      const connection = await connect()
      const [tcp, udp] = server.addresses
      const conns = await statistics(connection, 'conns')
      // Connections of earlier specs have had the numbers between.
      const own = [...conns.keys()].at(-1)!.split(':')[0]
      expect(conns.get('26:addr')).to.equal(tcp!.address)
      expect(conns.get('27:UDP')).to.equal('UDP')
      expect(conns.get('27:addr')).to.equal(`udp:127.0.0.1:${udp!.port}`)
      expect(conns.get(`${own}:listen_addr`)).to.equal(tcp!.address)
      expect((await statistics(connection, 'settings')).get('udpport')).to.equal(`${udp!.port}`)
      connection.close()
    })
  })

describe('A socket for datagrams', () => {
  it('sends nothing to port 0, which only a forged sender has', async () => {
    const [socket] = await DatagramSocket.open('127.0.0.1', 0, () => undefined)
    expect(socket!.send(NOOP_REPLY, { address: '127.0.0.1', port: 0 })).to.equal(false)
    await socket!.close()
  })
})

describe('The UDP port', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-udp-'))
  after(() => rmSync(folder, { recursive: true }))

  it('is the TCP port too if none is given, and is in the ports file', async () => {
    const port = await freePort()
    for (const [options, both] of [
      [['-U', `${port}`], true],
      [['-p', '-1', '-U', '-1'], false],
    ] as const) {
      const path = join(folder, `ports-${both}`)
      const environment = { MEMCACHED_PORT_FILENAME: path }
      const child = spawnServer(['-l', '127.0.0.1', ...options], { environment })
      expect(await eventually(true, async () => existsSync(path))).to.equal(true)
      const [tcp, udp] = readFileSync(path, 'utf8').trimEnd().split('\n')
      expect(tcp).to.match(both ? new RegExp(`^TCP INET: ${port}$`) : /^TCP INET: \d+$/)
      expect(udp).to.match(both ? new RegExp(`^UDP INET: ${port}$`) : /^UDP INET: \d+$/)
      child.kill()
      await once(child, 'exit')
    }
  })

  it('is not open by default', async () => {
    await using server = await Server.start({ port: 0 })
    expect(server.addresses.map(({ isDatagram }) => isDatagram)).to.deep.equal([false])
  })

  it('is opened once for each address, however often that is listed', async () => {
    const host = '127.0.0.1'
    await using server = await Server.start({
      udpPort: 0,
      listen: [
        { host, port: 0 },
        { host, port: 0 },
      ],
    })
    expect(server.addresses.map(({ isDatagram }) => isDatagram)).to.deep.equal([false, false, true])
  })

  for (const workers of [1, 2])
    it(`that is in use keeps the server from starting, with an error message (-t ${workers})`, async () => {
      const holder = dgram.createSocket('udp4').bind(0, '127.0.0.1')
      await once(holder, 'listening')
      const { port } = holder.address()
      const failure = await Server.start({ port: 0, udpPort: port, workers }).catch((error: Error) => error)
      expect(failure).to.be.an('error')
      expect((failure as Error).message).to.equal(
        `cannot listen on 127.0.0.1, UDP port ${port} (listen, udpPort): it is in use`,
      )
      // Also if the error comes from a thread.
      expect(commandLineMessageOf(failure)).to.equal(
        `cannot listen on 127.0.0.1, UDP port ${port} (-l, -U): it is in use`,
      )
      holder.close()
    })
})
