/** Connections that come and go, in every way. */
import { exchange } from './binary-client.js'
import { Connection } from './connection.js'
import { itemExtras, Op, request } from './frames.js'
import { pattern } from './pattern.js'

const NOOP = request(Op.NOOP)
export const GET = request(Op.GET, { key: 'key' })
export const VALUE = pattern(500_000)
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

const COUNT_AT_ONCE = 50

/** One after another, some at once. */
export async function live(port: number, count: number): Promise<void> {
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

/** A connection that has set what some of them get. */
export async function openSetter(port: number): Promise<Connection> {
  const setter = await Connection.open({ host: '127.0.0.1', port })
  await exchange(setter, request(Op.SET, { key: 'key', value: VALUE, extras: itemExtras() }))
  return setter
}
