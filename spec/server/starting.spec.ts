import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server, type StartOptions } from '../../lib/index.js'
import { exchange, statistics } from '../support/binary-client.js'
import { itemExtras, Op, request, statusOf } from '../support/frames.js'
import {
  freePort,
  isAccepting,
  runServer,
  ServerProcess,
  spawnServer,
  startServer,
} from '../support/server.js'

describe('A server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-start-'))
  after(() => rmSync(folder, { recursive: true }))

  it('serves soon after its start', async () => {
    const server = await startServer()
    const connection = await server.connect()
    // Seconds of processor time: how long they take depends on what else the machine does.
    const figures = await statistics(connection)
    const seconds = Number(figures.get('rusage_user')) + Number(figures.get('rusage_system'))
    expect(seconds).to.be.within(0.01, 2)
    connection.close()
    await server.stop()
  })

  it('prints nothing while it serves', async () => {
    const server = await startServer()
    const connection = await server.connect()
    await exchange(connection, request(Op.SET, { key: 'key', value: 'v', extras: itemExtras() }))
    await exchange(connection, request(Op.GET, { key: 'key' }))
    connection.send(request(Op.GET))
    await connection.receiveRest()
    await server.stop()
    expect(server.output).to.equal('')
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`ends within a second after ${signal}, with clients and half a request, and frees its port`, async () => {
      const server = await startServer()
      const [idle, busy] = [await server.connect(), await server.connect()]
      const set = request(Op.SET, { key: 'key', value: 'v'.repeat(1000), extras: itemExtras() })
      await busy.sendAll(set.subarray(0, 500))
      await exchange(idle, request(Op.NOOP))
      const begin = performance.now()
      await server.stop(signal)
      expect(performance.now() - begin).to.be.lessThan(1000)
      await idle.receiveRest()
      expect(await isAccepting(server.address)).to.equal(false)

      const next = await startServer({ port: server.port })
      await next.stop()
      idle.close()
      busy.close()
    })

  it('is not ended by SIGHUP', async () => {
    const server = await startServer()
    const connection = await server.connect()
    process.kill(server.pid, 'SIGHUP')
    expect(statusOf(await exchange(connection, request(Op.NOOP)))).to.equal(0)
    const other = await server.connect()
    expect(statusOf(await exchange(other, request(Op.NOOP)))).to.equal(0)
    expect(server.isRunning).to.equal(true)
    connection.close()
    other.close()
    await server.stop()
  })

  it('serves on a unix socket, and only there', async () => {
    const socketPath = join(folder, 'socket')
    const server = await startServer({ socketPath })
    expect(statSync(socketPath).isSocket()).to.equal(true)
    const connection = await server.connect()
    await exchange(connection, request(Op.SET, { key: 'key', value: 'v', extras: itemExtras() }))
    const settings = await statistics(connection, 'settings')
    expect(settings.get('domain_socket')).to.equal(socketPath)
    connection.close()
    await server.stop()
  })

  it('replaces a socket that a killed server has left behind', async () => {
    const socketPath = join(folder, 'stale')
    const killed = await startServer({ socketPath })
    await killed.stop('SIGKILL')
    expect(existsSync(socketPath)).to.equal(true)
    const server = await startServer({ socketPath })
    const connection = await server.connect()
    expect(statusOf(await exchange(connection, request(Op.NOOP)))).to.equal(0)
    connection.close()
    await server.stop()
  })

  it('refuses to start on a port that is in use, with an error message', async () => {
    const server = await startServer()
    const { code, stderr } = await runServer(['-l', '127.0.0.1', '-p', `${server.port}`])
    expect(code).to.not.equal(0)
    expect(stderr).to.not.equal('')
    await server.stop()
  })
})

describe('The ports file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-ports-'))
  after(() => rmSync(folder, { recursive: true }))

  /** The content of the file at the moment in which it appears. */
  async function portsOf(name: string, options: readonly string[]): Promise<string> {
    const path = join(folder, name)
    const appeared = new Promise<void>((resolve) => {
      const watcher = watch(folder, () => {
        if (!existsSync(path)) return
        watcher.close()
        resolve()
      })
    })
    const child = spawnServer(options, { environment: { MEMCACHED_PORT_FILENAME: path } })
    const server = new ServerProcess({ port: 0 }, child)
    await appeared
    const ports = readFileSync(path, 'latin1')
    expect(server.isRunning).to.equal(true)
    await server.stop()
    return ports
  }

  it('holds the port, and is complete when it appears', async () => {
    const port = await freePort()
    expect(await portsOf('given', ['-l', '127.0.0.1', '-p', `${port}`])).to.equal(`TCP INET: ${port}\n`)
  })

  it('holds the port that the server chose', async () => {
    expect(await portsOf('chosen', ['-l', '127.0.0.1', '-p', '-1'])).to.match(/^TCP INET: [1-9]\d*\n$/)
  })

  it('is empty if the server listens nowhere, and the server runs', async () => {
    expect(await portsOf('none', ['-l', '127.0.0.1', '-p', '0'])).to.equal('')
  })

  it('that cannot be written ends the start: whoever waits for it would wait for ever', async () => {
    const environment = { MEMCACHED_PORT_FILENAME: join(folder, 'missing', 'ports') }
    const { code, stderr } = await runServer(['-l', '127.0.0.1', '-p', '-1'], { environment })
    expect(code).to.not.equal(0)
    expect(stderr).to.match(
      /^keepcached: MEMCACHED_PORT_FILENAME: \S+ cannot be written: no such file or directory\n$/,
    )
  })
})

describe('A server in a program', () => {
  const addressesOf = ({ addresses }: Server): string[] =>
    addresses.map(({ address }) => address.replace(/:\d+$/, ''))

  it('listens on 127.0.0.1 alone, unless given another address', async () => {
    const unset = { port: 0, listen: undefined } as unknown as StartOptions
    for (const options of [{ port: 0 }, unset, { port: 0, listen: '127.0.0.1' }]) {
      await using server = await Server.start(options)
      expect(addressesOf(server)).to.deep.equal(['tcp:127.0.0.1'])
    }
    await using other = await Server.start({ port: 0, listen: ['127.0.0.2', '127.0.0.3'] })
    expect(addressesOf(other)).to.deep.equal(['tcp:127.0.0.2', 'tcp:127.0.0.3'])
  })

  it("that cannot listen rejects with the system's error code", async () => {
    await using server = await Server.start({ port: 0 })
    const error = await Server.start({ port: server.port }).catch((reason: unknown) => reason)
    expect(error).to.be.an('error').with.property('code', 'EADDRINUSE')
    expect((error as Error).message).to.equal(
      `cannot listen on 127.0.0.1, port ${server.port} (listen, port): it is in use`,
    )
    const missing = await Server.start({ port: 0, listen: '192.0.2.1' }).catch((reason: unknown) => reason)
    expect(missing).to.be.an('error').with.property('code', 'EADDRNOTAVAIL')
  })

  it('refuses what is no object of options, instead of serving with the defaults', async () => {
    for (const [given, shown] of [
      [5, '5'],
      [null, 'null'],
      ['11211', '"11211"'],
      [() => ({ port: 0 }), 'a function'],
    ]) {
      const error = await Server.start(given as StartOptions).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(TypeError).with.property('message', `options: ${shown} is not an object`)
    }
    const error = await Server.start({ port: 0 }, 5 as never).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(TypeError).with.property('message', 'onListening: a function is needed')
  })

  it('names the options as a program gives them if they need too much memory together', async () => {
    const tooMuch = { port: 0, memoryMegabytes: 3500, connectionsMax: 2 ** 20 }
    const error = await Server.start(tooMuch).catch((reason: unknown) => reason)
    expect(error)
      .to.be.an('error')
      .with.property('message')
      .that.matches(
        /^memoryMegabytes: with the needs of connectionsMax, workers, ioUring and workerBufferLength it is \d+ MB of 4096 possible; lower/,
      )
  })
})
