/** Items that survive their server, from outside. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'
import { exchange, statistics } from '../support/binary-client.js'
import { itemExtras, Op, request, statusOf, valueIn } from '../support/frames.js'
import { runServer, type ServerProcess, startServer } from '../support/server.js'

describe('A server with a data directory', function () {
  this.slow(3000)
  let folder = ''
  let data = ''
  let server: ServerProcess | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-data-'))
    data = join(folder, 'data')
  })
  afterEach(async () => {
    await server?.stop('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  for (const path of ['missing/./data', 'missing/../data', './also/missing/data'])
    it(`creates a directory whose path is not normalized: ${path}`, async () => {
      const first = await start('--data', `${folder}/${path}`)
      expect(await set(first, 'key', 'value')).to.equal(0)
      await first.stop('SIGKILL')
      expect(await get(await start('--data', `${folder}/${path}`), 'key')).to.equal('value')
    })

  /** With one thread, unless the options say otherwise: data-threads.spec.ts has several. */
  const start = async (...options: string[]): Promise<ServerProcess> => {
    server = await startServer({ options: ['-t', '1', ...options] })
    return server
  }

  async function set(to: ServerProcess, key: string, value: string, expiry = 0): Promise<number> {
    const connection = await to.connect()
    const reply = await exchange(connection, request(Op.SET, { key, value, extras: itemExtras(0, expiry) }))
    connection.close()
    return statusOf(reply)
  }

  async function get(from: ServerProcess, key: string): Promise<string | undefined> {
    const connection = await from.connect()
    const reply = await exchange(connection, request(Op.GET, { key }))
    connection.close()
    return statusOf(reply) === 0 ? valueIn(reply).toString('latin1') : undefined
  }

  async function journalStatistics(of: ServerProcess): Promise<Map<string, string>> {
    const connection = await of.connect()
    const all = await statistics(connection, 'journal')
    connection.close()
    return all
  }

  for (const [way, isSnapshotOnly, isBack] of [
    ['process.exit()', false, true],
    ['process.exit()', true, false],
    ['await server.stop(); process.exit()', true, true],
  ] as const)
    it(`of a program that ends by "${way}" ${isBack ? 'is complete' : 'is as after a kill'}${isSnapshotOnly ? ' with snapshots only' : ''}`, async () => {
      const program = `
        import { Server } from ${JSON.stringify(new URL('../../lib/index.js', import.meta.url).href)}
        import net from 'node:net'
        const options = { port: 0, dataDirectory: ${JSON.stringify(data)}, snapshotOnly: ${isSnapshotOnly} }
        const server = await Server.start(options)
        const socket = net.connect(server.port, server.host)
        socket.write('set key 0 0 5\\r\\nvalue\\r\\n')
        socket.once('data', async () => { ${way} })`
      const options = ['--input-type=module', '-e', program]
      const { status, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' })
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
      const after = await start('--data', data, ...(isSnapshotOnly ? ['--snapshot-only'] : []))
      expect(await get(after, 'key')).to.equal(isBack ? 'value' : undefined)
    })

  // An orderly end syncs everything, whatever --fsync says.
  for (const [fsync, signals] of [
    ['always', ['SIGKILL']],
    ['everysec', ['SIGKILL', 'SIGTERM', 'SIGUSR1']],
    ['no', ['SIGKILL', 'SIGTERM']],
  ] as const)
    it(`has its items again after ${signals.join(', ')}, fsync ${fsync}`, async function () {
      this.slow(5000)
      let running = await start('--data', data, '--fsync', fsync)
      for (const signal of signals) {
        expect(await set(running, 'key', `before ${signal}`)).to.equal(0)
        expect(await set(running, `long before ${signal}`, 'x'.repeat(900_000))).to.equal(0)
        await running.stop(signal)
        running = await start('--data', data, '--fsync', fsync)
        expect(await get(running, 'key')).to.equal(`before ${signal}`)
        expect((await get(running, `long before ${signal}`))?.length).to.equal(900_000)
      }
    })

  it('counts quiet changes as acknowledged once a later reply was sent', async () => {
    const before = await start('--data', data, '--fsync', 'always')
    const connection = await before.connect()
    const quiet = request(Op.SETQ, { key: 'key', value: 'value', extras: itemExtras() })
    await exchange(connection, quiet, request(Op.NOOP))
    connection.close()
    await before.stop('SIGKILL')
    expect(await get(await start('--data', data), 'key')).to.equal('value')
  })

  it('shows the state of its journal in statistics', async () => {
    const running = await start('--data', data, '--fsync', 'always')
    await set(running, 'key', 'value')
    const all = await journalStatistics(running)
    expect(all.get('mode')).to.equal('always')
    expect(all.get('state')).to.equal('ok')
    expect(Number(all.get('syncs'))).to.be.above(0)
    expect(Number(all.get('written_bytes'))).to.be.above(0)
    expect(all.get('unwritten_bytes')).to.match(/^\d+$/)
  })

  it('resumes reading once replies that waited for the disk have been sent', async () => {
    const running = await start('--data', data, '--fsync', 'always', '-t', '1')
    const idle = await running.connect()
    await exchange(idle, request(Op.SET, { key: 'key', value: 'value', extras: itemExtras() }))
    const asking = await running.connect()
    const states = [...(await statistics(asking, 'conns'))].filter(([name]) => name.endsWith(':state'))
    expect(states.map(([, state]) => state)).to.deep.equal(['conn_listening', 'conn_read', 'conn_parse_cmd'])
    for (const connection of [idle, asking]) connection.close()
  })

  it('has no such statistics without a data directory', async () => {
    const running = await start()
    const connection = await running.connect()
    const reply = await exchange(connection, request(Op.STAT, { key: 'journal' }))
    connection.close()
    expect(statusOf(reply)).to.equal(1)
  })

  it('is not shared with another server', async () => {
    const { pid } = await start('--data', data)
    const { code, stderr } = await runServer(['-p', '-1', '--data', data])
    expect(code).to.equal(71)
    expect(stderr).to.equal(
      `keepcached: --data: ${data}: the server with process id ${pid} uses it; two cannot share a directory\n`,
    )
  })

  it('refuses a directory with foreign files, and does not change it', async () => {
    writeFileSync(join(folder, 'letter.txt'), 'Dear Sir')
    const { code, stderr } = await runServer(['-p', '-1', '--data', folder])
    expect(code).to.equal(71)
    expect(stderr).to.match(/letter.txt is not a file of keepcached/)
    expect(readdirSync(folder)).to.deep.equal(['letter.txt'])
  })

  it('leaves no file open once it has stopped, and can be started again in the same process', async () => {
    for (const round of [1, 2, 3]) {
      const inside = await Server.start({ port: 0, dataDirectory: data })
      expect(inside.port, `round ${round}`).to.be.above(0)
      await inside.stop()
      expect(existsSync(join(data, 'lock'))).to.equal(false)
    }
  })

  it('keeps its items with snapshots only after an orderly end', async () => {
    const before = await start('--data', data, '--snapshot-only')
    await set(before, 'key', 'value')
    await before.stop('SIGTERM')
    expect(await get(await start('--data', data, '--snapshot-only'), 'key')).to.equal('value')
  })

  it('may have another -m and -t at each start', async () => {
    const before = await start('--data', data, '-m', '64', '-t', '4')
    await set(before, 'key', 'value')
    await before.stop('SIGKILL')
    expect(await get(await start('--data', data, '-m', '8', '-I', '1m', '-t', '1'), 'key')).to.equal('value')
  })

  describe('A server with -e, as memcached names it,', () => {
    it('has its items again after a signal, and the meta file only between two runs', async () => {
      const file = join(folder, 'memory')
      const before = await start('-e', file, '-m', '128')
      const connection = await before.connect()
      expect((await statistics(connection, 'settings')).get('memory_file')).to.equal(file)
      connection.close()
      await set(before, 'kept', 'value', 200)
      await before.stop('SIGUSR1')
      expect(existsSync(`${file}.meta`)).to.equal(true)
      const after = await start('-e', file, '-m', '128')
      expect(existsSync(`${file}.meta`)).to.equal(false)
      expect(await get(after, 'kept')).to.equal('value')
    })

    it('does not start with a meta file that is empty or foreign', async () => {
      const file = join(folder, 'memory')
      for (const content of ['', 'nonsense']) {
        writeFileSync(`${file}.meta`, content)
        const { code, stderr } = await runServer(['-p', '-1', '-e', file])
        expect(code).to.equal(71)
        expect(stderr).to.match(/memory.meta: not left by keepcached/)
      }
    })
  })

  it('is refused with options that would have no meaning', async () => {
    const lines: readonly (readonly [string[], RegExp])[] = [
      [['--fsync', 'always'], /^keepcached: --fsync: nothing is kept without --data/],
      [['--snapshot-only'], /^keepcached: --snapshot-only: nothing is kept without --data/],
      [['--data', data, '-e', 'x'], /^keepcached: -e: items are kept by --data already/],
      [
        ['--data', data, '--snapshot-only', '--fsync', 'no'],
        /^keepcached: --fsync: no says when the journal is synced/,
      ],
      [['--data', data, '--fsync', 'never'], /^keepcached: --fsync: never is not a way to sync/],
    ]
    for (const [options, message] of lines) {
      const { code, stderr } = await runServer(options)
      expect(code).to.equal(64)
      expect(stderr).to.match(message)
    }
  })
})
