import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { DATAGRAM_HEADER_LENGTH } from '../../lib/protocol/datagram.js'
import { OPEN_PREFIX_COUNT_MAX } from '../../lib/store/expiry/prefix-flushes.js'
import type { Connection } from '../support/connection.js'
import { DatagramClient } from '../support/datagram-client.js'
import { eventually } from '../support/eventually.js'
import { freePort, type ServerProcess, startServer, useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { withThreads } from '../support/threads.js'

/** More than may be open at once, and then some. */
const PREFIX_COUNT = 5 * OPEN_PREFIX_COUNT_MAX
/** So many datagrams fit into the buffer of a socket. */
const BURST_COUNT = OPEN_PREFIX_COUNT_MAX + 16
const CONNECTION_COUNT = 4

async function replyTo(connection: Connection, request: string, end = ''): Promise<string> {
  connection.send(line(request))
  return `${await connection.receiveUntil(line(end))}`.trimEnd()
}

async function connectionsTo(server: ServerProcess): Promise<Connection[]> {
  const connections: Connection[] = []
  // Each goes to the thread with the fewest.
  for (let count = 0; count < CONNECTION_COUNT; count++) connections.push(await server.connect())
  return connections
}

const itemCountOf = async (connection: Connection): Promise<string | undefined> =>
  /STAT curr_items (\d+)/.exec(await replyTo(connection, 'stats', 'END'))?.[1]

for (const threads of [1, 2])
  describe(`The flush of a prefix, on a server of ${threads} threads,`, () => {
    const server = useServer(withThreads(threads, ['-m', '32']))
    let connections: Connection[] = []
    beforeEach(async () => {
      connections = await connectionsTo(server())
      await replyTo(connections[0]!, 'flush_all')
    })
    afterEach(() => {
      for (const connection of connections) connection.close()
    })

    it('is seen by every client from its reply on, whichever thread serves it', async () => {
      for (const [round, flusher] of connections.entries()) {
        const prefix = `round ${round % 2}`.replace(' ', ':')
        for (const [index, writer] of connections.entries())
          expect(await replyTo(writer, `set ${prefix}:${index} 0 0 1\r\nx`)).equal('STORED')
        expect(await replyTo(flusher, `flush_prefix ${prefix}`)).equal('OK')
        for (const reader of connections)
          for (const index of connections.keys())
            expect(await replyTo(reader, `mg ${prefix}:${index}`)).equal('EN')
        for (const [index, writer] of connections.entries()) {
          expect(await replyTo(writer, `add ${prefix}:${index} 0 0 1\r\ny`)).equal('STORED')
          for (const reader of connections)
            expect(await replyTo(reader, `mg ${prefix}:${index} v`)).equal('VA 1\r\ny')
        }
      }
    })

    it('is followed by a sweep, without any request', async () => {
      const [client] = connections as [Connection]
      const sets = Array.from({ length: 3000 }, (_, index) => `set user:${index} 0 0 1 noreply\r\nx`)
      await replyTo(client, [...sets, 'flush_prefix user:'].join('\r\n'))
      expect(await eventually('0', () => itemCountOf(client))).equal('0')
    })

    it('waits for the sweep if too many are open, in its place among the requests, while others are served', async () => {
      const [one, other] = connections as [Connection, Connection]
      const requests = Array.from({ length: PREFIX_COUNT }, (_, index) => [
        `set p:${index}:x 0 0 1`,
        `${index % 10}`,
        `flush_prefix p:${index}:`,
        `mg p:${index}:x`,
      ]).flat()
      one.send(line(requests.join('\r\n')))
      for (let count = 0; count < 20; count++) expect(await replyTo(other, 'mn')).equal('MN')
      const expected = 'STORED\r\nOK\r\nEN\r\n'.repeat(PREFIX_COUNT)
      expect(`${await one.receive(expected.length)}`).equal(expected)
    })

    it('is forgotten if its client closes the connection while it waits', async () => {
      const [one, other] = connections as [Connection, Connection]
      const requests = Array.from({ length: PREFIX_COUNT }, (_, index) => `flush_prefix q:${index}: noreply`)
      one.send(line(requests.join('\r\n')))
      await replyTo(other, 'mn')
      one.close()
      expect(await replyTo(other, 'set q:9:x 0 0 1\r\nx')).equal('STORED')
      expect(await eventually('OK', () => replyTo(other, 'flush_prefix q:9'))).equal('OK')
      expect(await replyTo(other, 'mg q:9:x')).equal('EN')
    })
  })

describe('The flush of a prefix by datagrams', () => {
  it('is refused while it would have to wait', async () => {
    const port = await freePort()
    const server = await startServer({ options: ['-m', '32', '-U', `${port}`] })
    // The server has a socket for datagrams once it answers.
    const connection = await server.connect()
    expect(await replyTo(connection, 'mn')).equal('MN')
    connection.close()
    const client = await DatagramClient.open(port)
    const isRefused = async (): Promise<boolean> => {
      const replies = new Set<string>()
      for (let index = 0; index < BURST_COUNT; index++) client.send(index, line(`flush_prefix ${index}:`))
      for (let count = 0; count < BURST_COUNT; count++)
        replies.add((await client.receive())[0]!.toString('latin1', DATAGRAM_HEADER_LENGTH))
      expect(replies).to.include('OK\r\n')
      return replies.delete('OK\r\n') && [...replies].join('') === 'SERVER_ERROR temporary failure\r\n'
    }
    // The sweep may close some while the server waits for the next one.
    expect(await eventually(true, isRefused)).equal(true)
    client.close()
    await server.stop()
  })
})

for (const threads of [1, 2])
  describe(`A data directory of a server of ${threads} threads that flushes prefixes`, function () {
    this.slow(5000)
    let folder = ''
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'keepcached-prefix-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    it('brings none of their items back, after each kind of end', async () => {
      const options = withThreads(threads, ['-m', '32', '--data', join(folder, 'data')])
      for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
        const server = await startServer(options)
        const connections = await connectionsTo(server)
        for (const [index, connection] of connections.entries()) {
          // Those that an earlier server has stored are there, and those that it has flushed are not.
          expect(await replyTo(connection, `mg user:${index} v`)).oneOf(['EN', 'VA 1\r\n2'])
          expect(await replyTo(connection, `mg user:gone:${index}`)).equal('EN')
          await replyTo(connection, `set user:${index} 0 0 1\r\n1`)
          await replyTo(connection, `set user:gone:${index} 0 0 1\r\n1`)
        }
        expect(await replyTo(connections.at(-1)!, 'flush_prefix user:')).equal('OK')
        for (const [index, connection] of connections.entries())
          expect(await replyTo(connection, `add user:${index} 0 0 1\r\n2`)).equal('STORED')
        for (const connection of connections) connection.close()
        await server.stop(signal)
      }
      const server = await startServer(options)
      const [connection] = (await connectionsTo(server)) as [Connection]
      for (let index = 0; index < CONNECTION_COUNT; index++)
        expect(await replyTo(connection, `mg user:${index} v`)).equal('VA 1\r\n2')
      expect(await replyTo(connection, 'mg user:gone:0')).equal('EN')
      connection.close()
      await server.stop()
    })
  })
