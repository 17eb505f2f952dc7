import { expect } from 'chai'
import { exchange, statistics } from '../support/binary-client.js'
import { itemExtras, Op, request, statusOf, valueIn } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { useServer } from '../support/server.js'

const VALUE = pattern(1_000_000)
const SENT_LENGTH = 900_000
const set = (key: string) => request(Op.SET, { key, value: VALUE, extras: itemExtras() })

describe('A client that vanishes in the middle of a value', () => {
  const server = useServer({ options: ['-m', '64'] })

  it('gives the room back, a thousand times', async function () {
    this.timeout(60_000)
    this.slow(30_000)
    const connection = await server().connect()
    const kept = Array.from({ length: 30 }, (_, n) => `kept ${n}`)
    for (const key of kept) expect(statusOf(await exchange(connection, set(key)))).to.equal(0)

    const begun = set('vanished').subarray(0, SENT_LENGTH)
    const vanish = async (n: number) => {
      const client = await server().connect()
      await client.sendAll(begun)
      if (n % 2 === 0) client.reset()
      else client.close()
    }
    for (let n = 0; n < 1000; n += 4) await Promise.all([n, n + 1, n + 2, n + 3].map(vanish))

    const later = Array.from({ length: 10 }, (_, n) => `later ${n}`)
    for (const key of later) expect(statusOf(await exchange(connection, set(key)))).to.equal(0)
    for (const key of [...kept, ...later])
      expect(valueIn(await exchange(connection, request(Op.GET, { key }))).equals(VALUE), key).to.equal(true)
    expect(statusOf(await exchange(connection, request(Op.GET, { key: 'vanished' })))).to.equal(1)
    const all = await statistics(connection)
    expect(all.get('evictions')).to.equal('0')
    expect(all.get('curr_items')).to.equal('40')
    expect(all.get('curr_connections')).to.equal(await connectionsAlone())
    connection.close()
  })

  it('leaves the value as it was that it wanted to overwrite', async () => {
    const connection = await server().connect()
    await exchange(connection, request(Op.SET, { key: 'key', value: 'old', extras: itemExtras() }))
    const client = await server().connect()
    await client.sendAll(set('key').subarray(0, SENT_LENGTH))
    expect(valueIn(await exchange(connection, request(Op.GET, { key: 'key' }))).toString()).to.equal('old')
    client.close()
    expect(valueIn(await exchange(connection, request(Op.GET, { key: 'key' }))).toString()).to.equal('old')
    connection.close()
  })

  /** How memcached counts one client, with its listener. */
  async function connectionsAlone(): Promise<string> {
    const connection = await server().connect()
    const two = Number((await statistics(connection)).get('curr_connections'))
    connection.close()
    return `${two - 1}`
  }
})
