import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { exchange, statistic, statistics } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import {
  casOf,
  counterExtras,
  itemExtras,
  Op,
  reply,
  request,
  statusOf,
  uint32,
  valueIn,
} from '../support/frames.js'
import { useServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'

const CONNECTION_COUNT = 6
const NOOP = request(Op.NOOP)
const OK = 0
const NOT_FOUND = 1

const set = (key: string, value = 'value') => request(Op.SET, { key, value, extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })
const times = (count: number, bytes: Buffer) => Array.from({ length: count }, () => bytes)

for (const workers of [2, 4])
  describe(`${workers} threads of a server share`, () => {
    const server = useServer(withThreads(workers, ['-m', '32']))
    /** Each thread serves at least one of them, since the thread with the fewest gets the next. */
    let connections: Connection[] = []
    before(async () => {
      for (let count = 0; count < CONNECTION_COUNT; count++) connections.push(await server().connect())
      for (const connection of connections) await exchange(connection, NOOP)
    })
    after(() => {
      for (const connection of connections) connection.close()
      connections = []
    })

    it('each item, and its cas', async () => {
      for (const [index, writer] of connections.entries()) {
        const stored = await exchange(writer, set('key', `${index}`))
        for (const reader of connections) {
          const found = await exchange(reader, get('key'))
          expect([`${valueIn(found)}`, casOf(found)]).to.deep.equal([`${index}`, casOf(stored)])
        }
      }
      for (const [index, connection] of connections.entries()) {
        const extras = counterExtras(1n)
        const answer = await exchange(connection, request(Op.INCREMENT, { key: 'count', extras }))
        expect(valueIn(answer).readBigUInt64BE()).to.equal(BigInt(index))
      }
      const [first, last] = [connections[0]!, connections.at(-1)!]
      expect(statusOf(await exchange(first, request(Op.DELETE, { key: 'key' })))).to.equal(OK)
      expect(statusOf(await exchange(last, get('key')))).to.equal(NOT_FOUND)
    })

    it('a value of a megabyte that another thread begins to replace', async () => {
      const [writer, reader, judge] = connections as [Connection, Connection, Connection]
      const [before, after] = [Buffer.alloc(1_000_000, 'before'), Buffer.alloc(1_000_000, 'after')]
      const setLong = (value: Buffer) => request(Op.SET, { key: 'long', value, extras: itemExtras() })
      await exchange(writer, setLong(before))
      // The client reads nothing, so that most of the reply waits in the server while the value changes.
      reader.pause()
      reader.send(get('long'))
      await exchange(writer, NOOP)
      await sleep(50)
      await exchange(writer, setLong(after))
      expect(valueIn(await exchange(judge, get('long'))).equals(after)).to.equal(true)
      reader.resume()
      const header = await reader.receive(28)
      const value = await reader.receive(header.readUInt32BE(8) - 4)
      expect(value.equals(before) || value.equals(after)).to.equal(true)
    })

    it('counts, exact at once on every connection', async () => {
      const [reader, ...others] = connections as [Connection, ...Connection[]]
      for (const connection of connections) await exchange(connection, request(Op.STAT, { key: 'reset' }))
      const share = 12_348 / 6
      await exchange(reader, set('there'))
      const missing = times(share, request(Op.GETQ, { key: 'missing' }))
      const found = times(share, request(Op.GETQ, { key: 'there' }))
      await Promise.all(others.slice(0, 3).map((connection) => exchange(connection, ...missing, NOOP)))
      const hits = others.slice(2).map(async (connection) => {
        connection.send(Buffer.concat([...found, NOOP]))
        await connection.receiveUntil(reply(Op.NOOP))
      })
      await Promise.all(hits)
      const [, , , , last] = others
      await exchange(
        last!,
        ...times(10, request(Op.SETQ, { key: 'there', value: 'v', extras: itemExtras() })),
        NOOP,
      )
      for (const connection of connections) {
        const all = await statistics(connection)
        const names = ['cmd_get', 'get_hits', 'get_misses', 'cmd_set', 'curr_connections', 'total_items']
        expect(names.map((name) => Number(all.get(name)))).to.deep.equal([
          12_348,
          3 * share,
          3 * share,
          11,
          await openCount(),
          11,
        ])
      }
    })

    it('a reset of the counts', async () => {
      for (const connection of connections) await exchange(connection, get('there'))
      expect(await statistic(connections[0]!, 'cmd_get')).to.be.at.least(CONNECTION_COUNT)
      for (const connection of connections) {
        await exchange(connection, request(Op.STAT, { key: 'reset' }))
        for (const each of connections) expect(await statistic(each, 'cmd_get')).to.equal(0)
        for (const each of connections) await exchange(each, get('there'))
      }
    })

    it('statistics of prefixes: switched on, added up, cleared and switched off for all', async () => {
      const detail = (connection: Connection, what: string) =>
        exchange(connection, request(Op.STAT, { key: `detail ${what}` }))
      const dump = async (connection: Connection) =>
        (await statistics(connection, 'detail dump')).get('detailed')
      const useAll = async () => {
        for (const connection of connections) {
          await exchange(connection, set('user:1'))
          await exchange(connection, get('user:1'))
          await exchange(connection, get('user:2'))
        }
      }
      await detail(connections[0]!, 'on')
      await useAll()
      const [gets, hits] = [2 * CONNECTION_COUNT, CONNECTION_COUNT]
      const whole = `PREFIX user get ${gets} hit ${hits} set ${CONNECTION_COUNT} del 0\r\nEND\r\n`
      for (const connection of connections) expect(await dump(connection)).to.equal(whole)
      await exchange(connections[1]!, request(Op.STAT, { key: 'reset' }))
      for (const connection of connections) expect(await dump(connection)).to.equal('END\r\n')
      await useAll()
      await detail(connections.at(-1)!, 'off')
      await useAll()
      expect(await dump(connections[0]!)).to.equal(whole)
    })

    it('a flush: earlier items of every thread are gone for all, and later ones stay', async () => {
      for (const flusher of connections) {
        for (const [index, connection] of connections.entries())
          await exchange(connection, set(`key ${index}`))
        await exchange(flusher, request(Op.FLUSH))
        for (const connection of connections) {
          for (let index = 0; index < CONNECTION_COUNT; index++)
            expect(statusOf(await exchange(connection, get(`key ${index}`)))).to.equal(NOT_FOUND)
        }
        for (const [index, connection] of connections.entries())
          await exchange(connection, set(`later ${index}`))
        for (const [index, connection] of connections.entries()) {
          const other = (index + 1) % CONNECTION_COUNT
          expect(statusOf(await exchange(connection, get(`later ${other}`)))).to.equal(OK)
        }
      }
    })

    it('a flush with a delay', async function () {
      this.slow(5000)
      for (const [index, connection] of connections.entries()) await exchange(connection, set(`key ${index}`))
      await exchange(connections.at(-1)!, request(Op.FLUSH, { extras: uint32(2) }))
      const lookAround = async (): Promise<number[]> => {
        const answers = connections.map((connection, index) =>
          exchange(connection, get(`key ${(index + 1) % CONNECTION_COUNT}`)),
        )
        return (await Promise.all(answers)).map(statusOf)
      }
      expect(await lookAround()).to.deep.equal(Array(CONNECTION_COUNT).fill(OK))
      await sleep(2100)
      expect(await lookAround()).to.deep.equal(Array(CONNECTION_COUNT).fill(NOT_FOUND))
      for (const connection of connections) {
        await exchange(connection, set('later'))
        for (const each of connections) expect(statusOf(await exchange(each, get('later')))).to.equal(OK)
      }
    })

    /** Those of this suite, and what the server itself counts as one. */
    async function openCount(): Promise<number> {
      return Number(await statistic(connections[0]!, 'curr_connections'))
    }
  })
