import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { exchange } from '../support/binary-client.js'
import { concurrently } from '../support/concurrently.js'
import type { Connection } from '../support/connection.js'
import { itemExtras, Op, request, statusOf, uint32 } from '../support/frames.js'
import { type ServerProcess, startServer, useServer } from '../support/server.js'

const store = (key: string, expiry: number) =>
  request(Op.SET, { key, value: 'v', extras: itemExtras(0, expiry) })
const touch = (key: string, expiry: number) => request(Op.TOUCH, { key, extras: uint32(expiry) })
const flush = (delay: number) => request(Op.FLUSH, { extras: uint32(delay) })

async function isThere(connection: Connection, key: string): Promise<boolean> {
  return statusOf(await exchange(connection, request(Op.GET, { key }))) === 0
}

describe('When time passes', () => {
  const server = useServer()

  async function run(play: (connection: Connection) => Promise<void>): Promise<void> {
    const connection = await server().connect()
    await play(connection)
    connection.close()
  }

  concurrently({
    'an item never lives longer than its expiry: one second has passed after a second': () =>
      run(async (connection) => {
        await exchange(connection, store('one', 1))
        await sleep(1000)
        expect(await isThere(connection, 'one')).to.equal(false)
      }),

    'an item loses at most a second: two seconds have not passed after one, but after two': () =>
      run(async (connection) => {
        await exchange(connection, store('two', 2))
        await sleep(990)
        expect(await isThere(connection, 'two')).to.equal(true)
        await sleep(1060)
        expect(await isThere(connection, 'two')).to.equal(false)
      }),

    'a Unix time as expiry is kept like a number of seconds': () =>
      run(async (connection) => {
        await exchange(connection, store('moment', Math.floor(Date.now() / 1000) + 2))
        expect(await isThere(connection, 'moment')).to.equal(true)
        await sleep(2100)
        expect(await isThere(connection, 'moment')).to.equal(false)
      }),

    'touching prolongs the life of an item': () =>
      run(async (connection) => {
        await exchange(connection, store('prolonged', 1))
        await exchange(connection, touch('prolonged', 10))
        await sleep(2000)
        expect(await isThere(connection, 'prolonged')).to.equal(true)
      }),

    'touching shortens the life of an item': () =>
      run(async (connection) => {
        await exchange(connection, store('shortened', 100))
        await exchange(connection, touch('shortened', 1))
        await sleep(1100)
        expect(await isThere(connection, 'shortened')).to.equal(false)
      }),

    'getting and touching does both': () =>
      run(async (connection) => {
        await exchange(connection, store('got', 1))
        await exchange(connection, request(Op.GAT, { key: 'got', extras: uint32(10) }))
        await sleep(2000)
        expect(await isThere(connection, 'got')).to.equal(true)
      }),

    'appending keeps the expiry': () =>
      run(async (connection) => {
        await exchange(connection, store('appended', 1))
        await exchange(connection, request(Op.APPEND, { key: 'appended', value: 'more' }))
        expect(await isThere(connection, 'appended')).to.equal(true)
        await sleep(1100)
        expect(await isThere(connection, 'appended')).to.equal(false)
      }),

    'an expired item can be added again': () =>
      run(async (connection) => {
        await exchange(connection, store('again', 1))
        await sleep(1100)
        const add = request(Op.ADD, { key: 'again', value: 'v', extras: itemExtras() })
        expect(statusOf(await exchange(connection, add))).to.equal(0)
      }),
  })
})

describe('A flush with a delay', () => {
  const servers: ServerProcess[] = []
  after(() => Promise.all(servers.map((server) => server.stop())))

  /** A delay counts for the whole server, so every spec has its own. */
  async function run(play: (connection: Connection) => Promise<void>): Promise<void> {
    const server = await startServer()
    servers.push(server)
    const connection = await server.connect()
    await play(connection)
    connection.close()
  }

  concurrently({
    'keeps the items until its time, also those stored meanwhile, and those stored later': () =>
      run(async (connection) => {
        await exchange(connection, store('before', 0))
        await exchange(connection, flush(2))
        await exchange(connection, store('meanwhile', 0))
        expect(await isThere(connection, 'before')).to.equal(true)
        expect(await isThere(connection, 'meanwhile')).to.equal(true)
        await sleep(2100)
        expect(await isThere(connection, 'before')).to.equal(false)
        expect(await isThere(connection, 'meanwhile')).to.equal(false)
        await exchange(connection, store('after', 0))
        expect(await isThere(connection, 'after')).to.equal(true)
      }),

    'is replaced by a later one': () =>
      run(async (connection) => {
        await exchange(connection, store('key', 0))
        await exchange(connection, flush(1))
        await exchange(connection, flush(100))
        await sleep(2100)
        expect(await isThere(connection, 'key')).to.equal(true)
        await exchange(connection, flush(0))
        expect(await isThere(connection, 'key')).to.equal(false)
      }),
  })
})
