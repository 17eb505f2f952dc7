import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { exchange, statistic } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { Op, reply, request } from '../support/frames.js'
import { MAIN } from '../support/program.js'
import { startServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'

const NOOP = request(Op.NOOP)

const close = (connections: readonly Connection[]) => {
  for (const connection of connections) connection.close()
}

const FILE_LIMIT = 700

describe('A server that may open few files', () => {
  for (const threads of [1, 2])
    it(`refuses connections before they take the last one (-t ${threads})`, async function () {
      this.slow(5000)
      const { options, environment } = withThreads(threads)
      const program = [process.execPath, MAIN]
      // While it starts, each thread has some hundred files of its code open at a time.
      const command = ['/bin/sh', '-c', `ulimit -n ${FILE_LIMIT}; exec "$@"`, 'sh', ...program]
      const server = await startServer({ options: options!, environment: environment!, command })
      const opened = await Promise.all(Array.from({ length: FILE_LIMIT }, () => server.connect()))
      const answers = opened.map((connection) => {
        connection.send(NOOP)
        return connection.receiveUntilOrEnd(reply(Op.NOOP))
      })
      const endings = (await Promise.all(answers)).map(({ ending }) => ending)
      const refusedCount = endings.filter((ending) => ending !== undefined).length
      expect(refusedCount).to.be.above(0)
      const served = opened[endings.indexOf(undefined)]!
      expect(await statistic(served, 'rejected_connections')).to.equal(refusedCount)
      expect(readdirSync(`/proc/${server.pid}/fd`)).to.have.length.below(FILE_LIMIT - 40)
      expect(server.output).to.match(
        /^keepcached: -c: this process may open files for \d+ connections only\n$/,
      )
      close(opened)
      await server.stop()
    })
})

describe('A server whose threads start, with few files', () => {
  it('serves all clients that have come meanwhile', async function () {
    this.slow(5000)
    const { options, environment } = withThreads(4)
    const program = [process.execPath, MAIN]
    // Less than four threads need for the files of their code, and enough for one and these clients.
    const command = ['/bin/sh', '-c', 'ulimit -n 1024; exec "$@"', 'sh', ...program]
    const server = await startServer({ options: options!, environment: environment!, command })
    const clients = await Promise.all(Array.from({ length: 100 }, () => server.connect()))
    for (const client of clients) client.send(NOOP)
    for (const client of clients) expect(await client.receive(NOOP.length)).to.deep.equal(reply(Op.NOOP))
    close(clients)
    await server.stop()
  })
})

describe('A server with two threads that may open no more files', () => {
  it('does not count the connections that it has lost', async function () {
    this.slow(3000)
    const server = await startServer(withThreads(2))
    const first = await server.connect()
    await exchange(first, NOOP)
    first.close()
    // Lowered while it runs, as its bound for connections follows from the limit at the start.
    const limit = readdirSync(`/proc/${server.pid}/fd`).length + 100
    const lowered = spawnSync('prlimit', [`--pid=${server.pid}`, `--nofile=${limit}`])
    if (lowered.error !== undefined) this.skip()
    expect(lowered.status).to.equal(0)
    const opened = await Promise.all(Array.from({ length: 800 }, () => server.connect()))
    const answers = opened.map((connection) => {
      connection.send(NOOP)
      return connection.receiveUntilOrEnd(reply(Op.NOOP))
    })
    // The others may wait for a file until these are closed.
    await new Promise<void>((resolve) => {
      const note = ({ ending }: { ending: unknown }) => ending !== undefined && resolve()
      for (const answer of answers) answer.then(note, () => undefined)
    })
    close(opened)
    // Until the server has seen that they are closed, it may have no file for the one that asks.
    const connectionCount = async () => {
      const connection = await server.connect()
      try {
        return await statistic(connection, 'curr_connections')
      } catch (error) {
        return `${error}`
      } finally {
        connection.close()
      }
    }
    expect(await eventually<number | string>(1, connectionCount)).to.equal(1)
    await server.stop()
  })
})
