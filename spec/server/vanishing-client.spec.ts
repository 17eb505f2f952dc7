import { expect } from 'chai'
import { exchange, statistic, statistics } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, request, statusOf, valueIn } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { useServer } from '../support/server.js'
import { WIRES } from '../support/wires.js'

const VALUE = pattern(1_000_000)
const SENT_LENGTH = 900_000
const set = (key: string) => request(Op.SET, { key, value: VALUE, extras: itemExtras() })

for (const { name, over } of WIRES)
  describe(`A client that vanishes in the middle of a value, over ${name},`, () => {
    const server = useServer(over({ options: ['-m', '64'] }))

    it('gives the room back, two hundred times', async function () {
      this.slow(30_000)
      const connection = await server().connect()
      const kept = Array.from({ length: 30 }, (_, n) => `kept ${n}`)
      for (const key of kept) expect(statusOf(await exchange(connection, set(key)))).to.equal(0)
      const connectionsBefore = await statistic(connection, 'curr_connections')

      const begun = set('vanished').subarray(0, SENT_LENGTH)
      const vanish = async (n: number) => {
        const client = await server().connect()
        await client.sendAll(begun)
        if (n % 2 === 0) client.reset()
        else client.close()
      }
      for (let n = 0; n < 200; n += 4) await Promise.all([n, n + 1, n + 2, n + 3].map(vanish))

      const later = Array.from({ length: 10 }, (_, n) => `later ${n}`)
      for (const key of later) expect(statusOf(await exchange(connection, set(key)))).to.equal(0)
      for (const key of [...kept, ...later])
        expect(valueIn(await exchange(connection, request(Op.GET, { key }))).equals(VALUE), key).to.equal(
          true,
        )
      expect(statusOf(await exchange(connection, request(Op.GET, { key: 'vanished' })))).to.equal(1)
      const all = await statistics(connection)
      expect(all.get('evictions')).to.equal('0')
      expect(all.get('curr_items')).to.equal('40')
      const connectionCount = await eventually(connectionsBefore, () =>
        statistic(connection, 'curr_connections'),
      )
      expect(connectionCount).to.equal(connectionsBefore)
      connection.close()
    })

    it('does not change the value that it was overwriting', async () => {
      const connection = await server().connect()
      await exchange(connection, request(Op.SET, { key: 'key', value: 'old', extras: itemExtras() }))
      const client = await server().connect()
      await client.sendAll(set('key').subarray(0, SENT_LENGTH))
      expect(valueIn(await exchange(connection, request(Op.GET, { key: 'key' }))).toString()).to.equal('old')
      client.close()
      expect(valueIn(await exchange(connection, request(Op.GET, { key: 'key' }))).toString()).to.equal('old')
      connection.close()
    })
  })

describe('A client that announces a value and sends none', () => {
  const server = useServer({ options: ['-m', '64'] })

  it('gets no memory for it: two hundred such clients evict nothing', async () => {
    const connection = await server().connect()
    const kept = Array.from({ length: 40 }, (_, n) => `kept ${n}`)
    for (const key of kept) await exchange(connection, set(key))
    const clients = await Promise.all(Array.from({ length: 200 }, () => server().connect()))
    for (const client of clients) await client.sendAll(set('promised').subarray(0, 100))
    for (const client of clients) client.send(VALUE.subarray(0, 10))
    for (const key of kept)
      expect(statusOf(await exchange(connection, request(Op.GET, { key }))), key).to.equal(0)
    for (const client of [connection, ...clients]) client.close()
  })

  it('of two gigabytes is refused before its first byte, and uses no memory', async () => {
    const residentBefore = server().residentLength
    const promise = request(Op.SET, { key: 'key', extras: itemExtras(), bodyLength: 0x7fffffff })
    const clients = await Promise.all(Array.from({ length: 50 }, () => server().connect()))
    for (const client of clients) expect(statusOf(await exchange(client, promise))).to.equal(0x03)
    expect(server().residentLength - residentBefore).to.be.lessThan(32 * 1024 * 1024)
    for (const client of clients) client.close()
  })
})
