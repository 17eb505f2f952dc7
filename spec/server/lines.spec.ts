import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { type ServerOptions, type ServerProcess, startServer, useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'

async function withConnection(
  given: ServerOptions,
  use: (connection: Connection, server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = await startServer(given)
  const connection = await server.connect()
  try {
    await use(connection, server)
  } finally {
    connection.close()
    await server.stop()
  }
}

async function ask(connection: Connection, request: string, length: number): Promise<string> {
  connection.send(line(request))
  return (await connection.receive(length)).toString('latin1')
}

describe('The first byte of a connection', () => {
  const server = useServer()

  it('selects binary or text, for each connection', async () => {
    const [text, binary] = [await server().connect(), await server().connect()]
    text.send(Buffer.from('v'))
    binary.send(Buffer.concat([Buffer.of(0x80, 0x0b), Buffer.alloc(22)]))
    expect((await binary.receive(30)).subarray(24).toString()).to.equal('1.6.45')
    text.send(Buffer.from('ersion\n'))
    expect(`${await text.receive(16)}`).to.equal('VERSION 1.6.45\r\n')
    text.close()
    binary.close()
  })

  it('is ignored with -B ascii: every connection is text', () =>
    withConnection({ options: ['-B', 'ascii'] }, async (connection) => {
      expect(await ask(connection, '\x80\x0b', 7)).to.equal('ERROR\r\n')
    }))

  it('ends a text connection with -B binary', () =>
    withConnection({ options: ['-B', 'binary'] }, async (connection) => {
      connection.send(line('version'))
      expect((await connection.receiveRest()).ending).to.equal('end of stream')
    }))
})

describe('A line', () => {
  const server = useServer()
  let connection: Connection
  beforeEach(async () => {
    connection = await server().connect()
  })
  afterEach(() => connection.close())

  const KEY_COUNT = 18_725

  for (const [verb, valueLine] of [
    ['get', 'VALUE abc123def 0 1'],
    ['gat 100', 'VALUE abc123def 0 1'],
  ] as const)
    it(`of 187 KB may ask for many keys: ${verb}`, async () => {
      connection.send(line('set abc123def 0 0 1\r\nx'))
      await connection.receive(8)
      const hit = line(`${valueLine}\r\nx`)
      connection.send(line(`${verb} ${'abc123def '.repeat(KEY_COUNT)}`))
      connection.send(line('mn'))
      const received = await connection.receive(hit.length * KEY_COUNT + 9)
      expect(received.subarray(0, -9).equals(Buffer.concat(Array(KEY_COUNT).fill(hit)))).to.equal(true)
      expect(`${received.subarray(-9)}`).to.equal('END\r\nMN\r\n')
    })

  it('of many keys, one of them too long, is refused as a whole', async () => {
    connection.send(line('set abc123def 0 0 1\r\nx'))
    await connection.receive(8)
    const refusal = 'CLIENT_ERROR bad command line format\r\n'
    const keys = 'abc123def '.repeat(5000)
    expect(await ask(connection, `get ${keys} ${'k'.repeat(251)} a`, refusal.length)).to.equal(refusal)
    expect(await ask(connection, `gat x ${keys}`, 39)).to.equal('CLIENT_ERROR invalid exptime argument\r\n')
    expect(await ask(connection, 'mn', 4)).to.equal('MN\r\n')
  })

  it('of many keys waits for a client that does not read', async () => {
    const value = 'v'.repeat(10_000)
    connection.send(line(`set abc123def 0 0 10000\r\n${value}`))
    await connection.receive(8)
    connection.pause()
    connection.send(line(`get ${'abc123def '.repeat(5000)}\r\nmn`))
    await new Promise((resolve) => setTimeout(resolve, 200))
    const growth = server().residentLength
    connection.resume()
    const hitLength = line(`VALUE abc123def 0 10000\r\n${value}`).length
    const received = await connection.receive(hitLength * 5000 + 9)
    expect(`${received.subarray(-9)}`).to.equal('END\r\nMN\r\n')
    expect(growth).lessThan(200 * 1024 * 1024)
  })

  it('may be long and wait if it asks for keys, with 100 spaces before it', async () => {
    connection.send(Buffer.from(`${' '.repeat(100)}get ${' '.repeat(2048)}none`))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await ask(connection, '', 5)).to.equal('END\r\n')
  })

  for (const [what, bytes] of [
    ['of another command', `incr ${' '.repeat(3000)}`],
    ['of spaces', ' '.repeat(4095)],
    ['with 101 spaces before it', `${' '.repeat(101)}gets foo${' '.repeat(3986)}`],
    ['of a megabyte', `get ${'abc123def '.repeat(120_000)}`],
  ] as const)
    it(`that is too long closes the connection: one ${what}`, async () => {
      connection.send(Buffer.from(bytes))
      const { bytes: received } = await connection.receiveRest()
      expect(received.length).to.equal(0)
    })
})

describe('A list of all items', () => {
  it('is sent in portions, and other connections are served between them', () =>
    withConnection({}, async (connection) => {
      const count = 20_000
      const sets = Array.from({ length: count }, (_, index) => `set key:${index} 0 0 1 noreply\r\nx`)
      await connection.sendAll(line(sets.join('\r\n')))
      connection.send(line('lru_crawler metadump all'))
      const dump = (await connection.receiveUntil(line('END'))).toString('latin1')
      const keys = [...dump.matchAll(/^key=(\S+) exp=-1 la=\d+ cas=\d+ fetch=no cls=1 size=\d+ flags=0$/gm)]
      expect(keys.length).to.equal(count)
      expect(new Set(keys.map(([, key]) => key)).size).to.equal(count)
      expect(keys.some(([, key]) => key === 'key%3A77')).to.equal(true)
    }))
})

describe('A command of an administrator', () => {
  it('moves the clock if the environment allows it, for tests', () =>
    withConnection({ environment: { KEEPCACHED_DEBUG_TIME: '1' } }, async (connection) => {
      expect(await ask(connection, 'set a 0 3 1\r\nx', 8)).to.equal('STORED\r\n')
      expect(await ask(connection, 'debugtime 3', 4)).to.equal('OK\r\n')
      expect(await ask(connection, 'get a', 5)).to.equal('END\r\n')
      expect(await ask(connection, 'debugtime x', 7)).to.equal('ERROR\r\n')
    }))

  for (const request of ['debugtime 1001', 'debugtime -3', 'debugtime 0', 'debugtime x', 'debugtime'])
    it(`cannot move the clock otherwise: ${request} is an unknown command`, () =>
      withConnection({}, async (connection) => {
        expect(await ask(connection, 'set a 0 1000 1\r\nx', 8)).to.equal('STORED\r\n')
        expect(await ask(connection, request, 7)).to.equal('ERROR\r\n')
        expect(await ask(connection, 'touch a 0', 9)).to.equal('TOUCHED\r\n')
      }))

  it('changes the verbosity', () =>
    withConnection({}, async (connection) => {
      expect(await ask(connection, 'verbosity 5', 4)).to.equal('OK\r\n')
      connection.send(line('stats settings'))
      expect((await connection.receiveUntil(line('END'))).toString()).to.include('STAT verbosity 2\r\n')
    }))

  it('shows which connection is in the middle of a value', () =>
    withConnection({}, async (connection, server) => {
      const other = await server.connect()
      other.send(Buffer.from('set a 0 0 10\r\nab'))
      const states = await eventually(true, async () => {
        connection.send(line('stats conns'))
        return (await connection.receiveUntil(line('END'))).toString().includes(':state conn_nread\r\n')
      })
      expect(states).to.equal(true)
      other.close()
    }))

  it('flushes nothing with -F', () =>
    withConnection({ options: ['-F'] }, async (connection) => {
      const refusal = 'CLIENT_ERROR flush_all not allowed\r\n'
      expect(await ask(connection, 'flush_all', refusal.length)).to.equal(refusal)
      await ask(connection, 'set a:1 0 0 1\r\nx', 8)
      const refusalOfPrefix = 'CLIENT_ERROR flush_prefix not allowed\r\n'
      expect(await ask(connection, 'flush_prefix a:', refusalOfPrefix.length)).to.equal(refusalOfPrefix)
      expect(await ask(connection, 'touch a:1 0', 9)).to.equal('TOUCHED\r\n')
    }))

  for (const command of ['shutdown', 'shutdown graceful'])
    it(`ends the server with -A: ${command}`, async () => {
      const server = await startServer({ options: ['-A'] })
      const connection = await server.connect()
      expect(await ask(connection, 'shutdown foo', 36)).to.equal(
        'CLIENT_ERROR invalid shutdown mode\r\n'.slice(0, 36),
      )
      connection.send(line(command))
      const { bytes, ending } = await connection.receiveRest()
      expect([bytes.length, ending]).to.deep.equal([0, 'end of stream'])
      connection.close()
      const deadline = Date.now() + 5000
      while (server.isRunning && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20))
      expect(server.isRunning).to.equal(false)
    })
})
