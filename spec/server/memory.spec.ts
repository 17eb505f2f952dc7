import { expect } from 'chai'
import { exchange, statistic, statistics } from '../support/binary-client.js'
import { bytesOf, itemExtras, Op, reply, request, statusOf, uint32, valueIn } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { useServer } from '../support/server.js'

const MIB = 1024 * 1024
/** Of the process with -m 32, with a margin for garbage: a third less than either spec stores. */
const GROWTH_MAX = 32 * MIB + 36 * MIB
const set = (key: string, value: Buffer | string) => request(Op.SET, { key, value, extras: itemExtras() })
const setQuietly = (key: string, value: Buffer) => request(Op.SETQ, { key, value, extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })

describe('Memory', () => {
  const server = useServer({ options: ['-m', '32'] })

  it('is bounded by -m, and the newest item is never evicted', async function () {
    this.slow(20_000)
    const connection = await server().connect()
    const residentBefore = server().residentLength
    const value = pattern(573_440)
    for (let n = 0; n < 200; n++) {
      const got = await exchange(connection, setQuietly(`large ${n}`, value), get(`large ${n}`))
      expect(valueIn(got).equals(value), `large ${n}`).to.equal(true)
    }
    expect(await statistic(connection, 'evictions')).to.be.greaterThan(100)
    expect(server().residentLength - residentBefore).to.be.lessThan(GROWTH_MAX)
    connection.close()
  })

  it('is bounded by -m for small items too, of whatever length', async function () {
    this.slow(20_000)
    const connection = await server().connect()
    const residentBefore = server().residentLength
    const bytes = pattern(2000)
    for (let batch = 0; batch < 200; batch++) {
      const sets = Array.from({ length: 500 }, (_, n) =>
        setQuietly(`small ${batch}/${n}`, bytes.subarray(0, 200 + ((batch * 7 + n * 13) % 1700))),
      )
      const newest = await exchange(connection, ...sets, get(`small ${batch}/499`))
      expect(statusOf(newest), `batch ${batch}`).to.equal(0)
    }
    expect(server().residentLength - residentBefore).to.be.lessThan(GROWTH_MAX)
    connection.close()
  })
})

describe('Items that fit into the memory', () => {
  const server = useServer({ options: ['-m', '64'] })

  it('are all kept, even if many others come and go', async function () {
    this.slow(20_000)
    const connection = await server().connect()
    const value = pattern(1000)
    const keys = Array.from({ length: 30_000 }, (_, n) => `kept ${n}`)
    await exchange(connection, ...keys.map((key) => setQuietly(key, value)), request(Op.NOOP))
    for (let round = 0; round < 60; round++) {
      const others = Array.from({ length: 1000 }, (_, n) => `other ${n}`)
      const sets = others.map((key) => setQuietly(key, value.subarray(0, 900)))
      const deletes = others.map((key) => request(Op.DELETEQ, { key }))
      await exchange(connection, ...sets, ...deletes, request(Op.NOOP))
    }
    // Of a missing item, a quiet get returns nothing.
    const hit = reply(Op.GETQ, { extras: uint32(0), value })
    const fence = reply(Op.NOOP)
    connection.send(Buffer.concat([...keys.map((key) => request(Op.GETQ, { key })), request(Op.NOOP)]))
    const received = await connection.receiveUntil(fence)
    expect((received.length - fence.length) / hit.length).to.equal(keys.length)
    expect(await statistic(connection, 'evictions')).to.equal(0)
    connection.close()
  })
})

describe('With -m 1, and no -I, a server', () => {
  const server = useServer({ options: ['-m', '1'] })

  it('accepts items up to half of the memory, and logs it', async () => {
    const connection = await server().connect()
    const settings = await statistics(connection, 'settings')
    expect(settings.get('maxbytes')).to.equal(`${MIB}`)
    expect(settings.get('item_size_max')).to.equal(`${MIB / 2}`)
    const largest = pattern(MIB / 2 - 100)
    expect(statusOf(await exchange(connection, set('large', largest)))).to.equal(0)
    expect(valueIn(await exchange(connection, get('large'))).equals(largest)).to.equal(true)
    expect(statusOf(await exchange(connection, set('too large', pattern(MIB / 2))))).to.equal(3)
    connection.close()
  })

  it('accepts more than fits, of every length, and keeps the newest', async () => {
    const connection = await server().connect()
    for (const [length, count] of [
      [10, 2000],
      [1000, 2000],
      [100_000, 20],
      [400_000, 5],
    ] as const) {
      const value = pattern(length)
      for (let n = 0; n < count; n++) {
        const got = await exchange(connection, setQuietly(`${length}/${n}`, value), get(`${length}/${n}`))
        expect(valueIn(got).equals(value), `${length}/${n}`).to.equal(true)
      }
    }
    expect(await statistic(connection, 'evictions')).to.be.greaterThan(1000)
    connection.close()
  })
})

describe('With -M memory that is full', () => {
  const server = useServer({ options: ['-m', '2', '-M'] })

  it('refuses new items and keeps the stored ones', async () => {
    const connection = await server().connect()
    const value = pattern(8192)
    const stored: string[] = []
    let answer = await exchange(connection, set('item 0', value))
    while (statusOf(answer) === 0) {
      stored.push(`item ${stored.length}`)
      if (stored.length > 1000) expect.fail('2 MiB hold no thousand values of 8 KiB')
      answer = await exchange(connection, set(`item ${stored.length}`, value))
    }
    expect(statusOf(answer)).to.equal(0x82)
    expect(valueIn(answer).toString()).to.match(/^Out of memory/)
    expect(statusOf(await exchange(connection, set('one more', value)))).to.equal(0x82)
    expect(await statistic(connection, 'evictions')).to.equal(0)
    for (const key of stored)
      expect(valueIn(await exchange(connection, get(key))).equals(value), key).to.equal(true)

    for (const key of stored) await exchange(connection, request(Op.DELETE, { key }))
    expect(statusOf(await exchange(connection, set('after', value)))).to.equal(0)
    connection.close()
  })

  it('still executes what needs no room', async () => {
    const connection = await server().connect()
    await exchange(connection, set('counter', '1'))
    const value = bytesOf('x'.repeat(8192))
    for (let n = 0; statusOf(await exchange(connection, set(`filler ${n}`, value))) === 0; n++);
    expect(statusOf(await exchange(connection, get('counter')))).to.equal(0)
    expect(statusOf(await exchange(connection, request(Op.DELETE, { key: 'filler 0' })))).to.equal(0)
    expect(statusOf(await exchange(connection, request(Op.FLUSH)))).to.equal(0)
    expect(statusOf(await exchange(connection, set('filler 1', value)))).to.equal(0)
    connection.close()
  })
})
