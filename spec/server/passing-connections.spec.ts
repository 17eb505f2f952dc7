import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'
import { exchange } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, request } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { useServer } from '../support/server.js'
import { URING_OBSTACLE } from '../support/uring.js'
import { withoutBareHandles } from '../support/without-bare-handles.js'

const NOOP = request(Op.NOOP)
const GET = request(Op.GET, { key: 'key' })
const VALUE = pattern(500_000)
const LONG_SET = request(Op.SET, { key: 'long', value: pattern(100_000), extras: itemExtras() })

/** What connections do, and how they end. */
const LIVES: Readonly<Record<string, (connection: Connection) => unknown>> = {
  'says nothing': () => undefined,
  'is answered': (connection) => exchange(connection, NOOP),
  quits: async (connection) => {
    connection.send(request(Op.QUIT))
    await connection.receiveRest()
  },
  'ends its side': async (connection) => {
    connection.send(NOOP)
    connection.endSide()
    await connection.receiveRest()
  },
  'sends no request': async (connection) => {
    connection.send(Buffer.from([0x80, 0xff, ...Buffer.alloc(100, 0xff)]))
    await connection.receiveRest()
  },
  'vanishes in a request': (connection) => connection.sendAll(NOOP.subarray(0, 10)),
  'vanishes in a long value': (connection) => connection.sendAll(LONG_SET.subarray(0, 60_000)),
  'is reset before its reply': async (connection) => {
    await connection.sendAll(NOOP)
    connection.reset()
  },
  'is reset while it does not read': async (connection) => {
    connection.pause()
    await connection.sendAll(Buffer.concat(Array.from({ length: 20 }, () => GET)))
    connection.reset()
  },
}

/** RUNS=100000 is the longer run. */
const COUNT = Number(process.env['RUNS'] ?? 3000)
const COUNT_AT_ONCE = 50
/** With room for 8 MB of values, and for a heap that waits to be collected. */
const GROWTH_MAX = 20 * 1024 * 1024

/** What a server in this process holds that connections have brought. */
const heldBy = (server: Server) => ({
  windows: server['worker'].pool.takenCount,
  connections: server['worker'].table.counts.sum,
  rows: server['worker'].table.statistics(0).length,
  files: readdirSync('/proc/self/fd').length,
})

async function live(port: number, count: number): Promise<void> {
  const lives = Object.values(LIVES)
  for (let n = 0; n < count; n += COUNT_AT_ONCE) {
    const some = Array.from({ length: Math.min(COUNT_AT_ONCE, count - n) }, async (_, index) => {
      const connection = await Connection.open({ host: '127.0.0.1', port })
      await lives[(n + index) % lives.length]!(connection)
      connection.close()
    })
    await Promise.all(some)
  }
}

/** Closes without notice are seen by the server a moment later. */
const settled = (server: Server, wanted: string) =>
  eventually(wanted, async () => JSON.stringify(heldBy(server)))

/** A connection that has set what some of them get. */
async function openSetter(port: number): Promise<Connection> {
  const setter = await Connection.open({ host: '127.0.0.1', port })
  await exchange(setter, request(Op.SET, { key: 'key', value: VALUE, extras: itemExtras() }))
  return setter
}

async function passBy(count: number, ioUring = false): Promise<void> {
  await using server = await Server.start({ port: 0, memoryMegabytes: 64, ioUring })
  const setter = await openSetter(server.port)
  const before = JSON.stringify(heldBy(server))
  await live(server.port, count)
  await settled(server, before)
  expect((await exchange(setter, GET)).subarray(-VALUE.length).equals(VALUE)).to.equal(true)
  setter.close()
}

describe('Thousands of connections that come and go', function () {
  this.timeout(600_000)
  this.slow(60_000)
  const NODE_OPTIONS = `${process.env['NODE_OPTIONS'] ?? ''} --max-semi-space-size=1`
  const server = useServer({ options: ['-m', '8', '-t', '1'], environment: { NODE_OPTIONS } })

  it('leave no file, window or row behind', () => passBy(COUNT))

  it('leave none behind over sockets either', () => withoutBareHandles(() => passBy(Math.ceil(COUNT / 5))))

  it('leave none behind over io_uring, nor a request in its ring', async function () {
    if (URING_OBSTACLE !== undefined) return this.skip()
    await passBy(COUNT, true)
  })

  it('leave no memory behind', async () => {
    const setter = await openSetter(server().port)
    await live(server().port, Math.ceil(COUNT / 5))
    const residentBefore = server().residentLength
    await live(server().port, COUNT)
    expect(server().residentLength - residentBefore).to.be.lessThan(GROWTH_MAX)
    setter.close()
  })
})
