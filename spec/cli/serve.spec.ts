import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { exchange, statistics } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { Op, request } from '../support/frames.js'
import { MAIN } from '../support/program.js'
import { freePort, runServer, ServerProcess, spawnServer, startServer } from '../support/server.js'

describe('The program, while it serves,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-serve-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const)
    it(`ends with exit code 0 at ${signal}, and removes its pid file`, async () => {
      const pidFile = join(folder, `pid-${signal}`)
      const server = await startServer({ options: ['-P', pidFile] })
      expect(await eventually(true, async () => existsSync(pidFile))).to.equal(true)
      expect(readFileSync(pidFile, 'utf8')).to.equal(`${server.pid}\n`)
      const idle = await server.connect()
      const begin = performance.now()
      expect(await server.stop(signal)).to.equal(0)
      // Its connections are closed at once. If they were not, SIGUSR1 would wait for 4.5 seconds.
      expect(performance.now() - begin).to.be.lessThan(4000)
      expect(existsSync(pidFile)).to.equal(false)
      expect(server.output).to.equal('')
      idle.close()
    })

  /** How many listeners for signals there are at the end of the program with these words. */
  async function listenersWith(...words: string[]): Promise<string> {
    const counting = `process.on('exit', () => console.error(
      'listeners', ...['SIGHUP', 'SIGUSR1'].map((name) => process.listenerCount(name))))`
    const command = [process.execPath, '--import', `data:text/javascript,${counting}`, MAIN, ...words]
    return (await promisify(execFile)(command[0]!, command.slice(1))).stderr.trim()
  }

  it('listens for signals before it reads its options, but a tool does not', async () => {
    expect(await listenersWith('-V')).to.equal('listeners 1 1')
    expect(await listenersWith('help')).to.equal('listeners 0 0')
  })

  it('has written its files once it listens, even if its threads are not ready yet', async () => {
    const [pidFile, portsFile] = [join(folder, 'pid-early'), join(folder, 'ports-early')]
    const endlessThreads = `import { isMainThread } from 'node:worker_threads';
      if (!isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`
    const server = await startServer({
      options: ['-t', '2', '-P', pidFile],
      environment: { MEMCACHED_PORT_FILENAME: portsFile },
      command: [process.execPath, '--import', `data:text/javascript,${endlessThreads}`, MAIN],
    })
    expect(await eventually(true, async () => existsSync(pidFile) && existsSync(portsFile))).to.equal(true)
    expect(readFileSync(portsFile, 'utf8')).to.equal(`TCP INET: ${server.port}\n`)
    await server.stop()
    expect(existsSync(pidFile)).to.equal(false)
  })

  it('serves without a pid file that cannot be written, and reports it', async () => {
    const server = await startServer({ options: ['-P', join(folder, 'missing', 'pid')] })
    await eventually(true, async () => server.output !== '')
    expect(server.output).to.match(
      /^keepcached: -P: \S+ cannot be written: no such file or directory; the server runs without it\n$/,
    )
    expect(await server.stop()).to.equal(0)
  })

  /** The log lines of one connection that is opened and closed. */
  async function saidWith(...options: string[]): Promise<string> {
    const server = await startServer({ options: ['-k', ...options] })
    const connection = await server.connect()
    await exchange(connection, request(Op.NOOP))
    connection.close()
    await server.stop()
    return server.output
  }

  it('prints nothing without -v', async () => {
    expect(await saidWith()).to.equal('')
  })

  it('prints on a terminal where it listens, its version and how to stop it', async function () {
    if (process.platform !== 'linux') this.skip()
    const port = await freePort()
    const command = [process.execPath, MAIN, '-l', '127.0.0.1', '-p', `${port}`].join(' ')
    // Runs the command on a terminal of its own.
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    let said = ''
    for await (const text of terminal.stdout) {
      said += text
      if (said.includes('\n')) break
    }
    // As Ctrl-C does.
    terminal.stdin.write('\x03')
    await once(terminal, 'close')
    expect(said).to.match(
      new RegExp(
        `^keepcached: version [\\d.]+ is listening on tcp:127\\.0\\.0\\.1:${port}; press Ctrl-C to stop it\r\n`,
      ),
    )
  })

  it('prints with -v whether io_uring serves, and where it listens', async () => {
    const [first, second, end] = (await saidWith('-v')).split('\n')
    expect(first).to.match(/^keepcached: io_uring (serves|does not serve)/)
    expect(second).to.match(/^keepcached: listening on tcp:127\.0\.0\.1:\d+$/)
    expect(end).to.equal('')
  })

  it('prints with -vv which connections open and close as well, and which options have no effect', async () => {
    const said = await saidWith('-vv')
    expect(said).to.match(/^keepcached: taken, but without effect: -k\n/)
    expect(said).to.match(/^keepcached: connection \d+ is new$/m)
    expect(said).not.to.include('memoryMegabytes')
  })

  it('prints with -vvv the value of each option', async () => {
    expect(await saidWith('-vvv')).to.match(/^keepcached: memoryMegabytes: 64$/m)
  })

  it('takes its options from a file, the environment and the command line', async () => {
    const config = join(folder, 'memcached.conf')
    writeFileSync(config, '-m 32\n-c 100\n-t 2\n-l 127.0.0.1\n-d\n')
    const port = await freePort()
    const environment = { KEEPCACHED_CONN_LIMIT: '200', KEEPCACHED_THREADS: '3', KEEPCACHED_PORT: `${port}` }
    const child = spawnServer(['--config', config, '-t', '1'], { environment })
    const server = new ServerProcess({ host: '127.0.0.1', port }, child)
    await server.untilAccepting()
    const connection = await server.connect()
    const settings = await statistics(connection, 'settings')
    expect(settings.get('maxbytes')).to.equal(`${32 * 1024 * 1024}`)
    expect(settings.get('maxconns')).to.equal('200')
    expect(settings.get('num_threads')).to.equal('1')
    connection.close()
    await server.stop()
  })

  it('does not start with a wrong variable', async () => {
    const environment = { KEEPCACHED_MEMORY_LIMIT: 'much' }
    expect(await runServer([], { environment })).to.deep.equal({
      code: 64,
      stdout: '',
      stderr: 'keepcached: KEEPCACHED_MEMORY_LIMIT: much is not a memory limit; give 1 to 224000 megabytes\n',
    })
  })
})
