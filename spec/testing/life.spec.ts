/** How a test server ends, what it leaves, and how large it is to install. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { startTestServer } from '../../lib/testing/index.js'
import { Kit } from './kit.js'
import { ProgramFolder, ROOT } from './programs.js'

const STORES = `
  const net = require('node:net')
  const store = (server) => new Promise((resolve) => {
    const socket = net.connect(server.port, '127.0.0.1', () => socket.end('set sky 0 0 4\\r\\nblue\\r\\n'))
    socket.once('data', (data) => resolve(String(data).trim()))
  })`

describe('a test server', () => {
  const kit = new Kit()
  let folder: ProgramFolder
  before(() => {
    folder = new ProgramFolder()
  })
  after(() => folder.remove())
  afterEach(() => kit.end())

  for (const thread of [false, true])
    describe(thread ? 'in a thread of its own' : 'in the thread of the test', () => {
      it('lets a process end that has forgotten it', () => {
        const text = `const { startTestServer } = require('keepcached/testing')
          ${STORES}
          startTestServer({ thread: ${thread} }).then(async (server) => {
            console.log(await store(server))
            // Still connected: the server must not be what keeps the process alive.
            const idle = net.connect(server.port, '127.0.0.1', () => idle.write('version\\r\\n'))
            idle.once('data', () => idle.unref())
          })`
        const { status, stdout, stderr } = folder.runNode(`forgotten-${thread}.cjs`, text)
        expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: 'STORED\n', stderr: '' })
      })

      it('leaves no handle open', () => {
        const text = `const { startTestServer } = require('keepcached/testing')
          ${STORES}
          startTestServer({ thread: ${thread} }).then(async (server) => {
            await store(server)
            const idle = net.connect(server.port, '127.0.0.1')
            await new Promise((resolve) => idle.once('connect', resolve))
            server.faults.add({ then: { delay: '1h' } })
            idle.write('version\\r\\n')
            while (server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
            const closed = new Promise((resolve) => idle.once('close', resolve))
            await server.stop()
            await closed
            // The streams of the process itself are pipes.
            const open = () => process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap')
            setImmediate(() => console.log(open()))
          })`
        const { stdout, stderr } = folder.runNode(`handles-${thread}.cjs`, text)
        expect({ stdout, stderr }).to.deep.equal({ stdout: '[]\n', stderr: '' })
      })

      it('ends with its block, and may be stopped again', async () => {
        let server: Awaited<ReturnType<typeof startTestServer>>
        {
          await using inner = await startTestServer({ thread })
          server = inner
          expect(await kit.ask(server, 'mn\r\n')).to.equal('MN\r\n')
        }
        const failure = await kit.connect(server).catch(({ code }) => code)
        expect(failure).to.equal('ECONNREFUSED')
        await server.stop()
      })

      it('ends when a client ends it, where clients may', async () => {
        const server = await kit.start({ thread, shutdownEnabled: true })
        const connection = await kit.connect(server)
        connection.send(Buffer.from('shutdown\r\n'))
        await connection.receiveRest()
      })

      it('runs beside many others, each with items, time and faults of its own', async () => {
        const servers = await Promise.all(
          Array.from({ length: thread ? 4 : 50 }, (_, index) =>
            kit.start({ thread, clock: 'manual', now: index * 1e9 + 1e9, items: { a: `${index}` } }),
          ),
        )
        expect(new Set(servers.map(({ port }) => port)).size).to.equal(servers.length)
        servers[0]!.faults.add({ then: 'busy' })
        const replies = await Promise.all(servers.map((server) => kit.ask(server, 'mg a v\r\n')))
        for (const [index, reply] of replies.entries())
          expect(reply).to.equal(
            index === 0 ? 'SERVER_ERROR busy\r\n' : `VA ${`${index}`.length}\r\n${index}\r\n`,
          )
      })
    })

  it('in a thread of its own serves clients that block the thread of the test', async () => {
    const server = await kit.start({ thread: true, items: { a: '1' } })
    server.faults.add({ on: 'get', times: 1, then: 'busy' })
    const program = `require('node:net').connect(${server.port}, '127.0.0.1')
      .end('get a\\r\\nget a\\r\\n').pipe(process.stdout)`
    const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
    expect(stdout).to.equal('SERVER_ERROR busy\r\nVALUE a 0 1\r\n1\r\nEND\r\n')
    expect(server.requests.length).to.equal(2)
  })

  it('in a thread of its own answers no call once it has stopped', async () => {
    const server = await kit.start({ thread: true })
    await server.stop()
    expect(() => server.items()).to.throw('the test server has stopped')
  })

  it('takes no step of a second: hundreds are started and stopped, one after the other', async () => {
    for (let count = 0; count < 200; count++) {
      const server = await startTestServer()
      await server.stop()
    }
  })

  it('prints its seed when a fault first depends on it, unless the test has chosen it', () => {
    const program = (
      options: string,
    ): string => `require('keepcached/testing').startTestServer(${options}).then((server) => {
      server.faults.add({ then: 'busy' })
      process.stderr.write('certain\\n')
      for (const probability of [0.5, 0.1]) server.faults.add({ probability, then: 'busy' })
      process.stdout.write(String(server.seed))
    })`
    const { stdout, stderr } = folder.runNode('seed.cjs', program('{}'))
    expect(stderr).to.equal(`certain\nkeepcached: faults with a probability follow seed: ${stdout}\n`)
    const chosen = folder.runNode('chosen.cjs', program('{ seed: 5 }'))
    expect(chosen).to.deep.include({ stdout: '5', stderr: 'certain\n' })
  })

  it('is small to install: at most 3 MB, and 5 packages', async () => {
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string; size: number }[] }]
    expect(files.length).to.be.above(100)
    // As it is packed: see scripts/shrink.mjs.
    const { shrunk } = await import(`${ROOT}/scripts/shrink.mjs`)
    const lengths = await Promise.all(
      files.map(async ({ path, size }) =>
        /^dist\/.*\.(d\.ts|js|json)$/.test(path)
          ? Buffer.byteLength(await shrunk(path, readFileSync(join(ROOT, path), 'utf8')))
          : size,
      ),
    )
    const tree = spawnSync(
      'npm',
      ['ls', '--omit=dev', '--omit=peer', '--omit=optional', '--all', '--parseable'],
      {
        cwd: ROOT,
        encoding: 'utf8',
      },
    )
    const packages = tree.stdout.trim().split('\n').slice(1)
    const sizes = packages.map((path) =>
      Number(spawnSync('du', ['-sbL', path], { encoding: 'utf8' }).stdout.split('\t')[0]),
    )
    const total = [...lengths, ...sizes].reduce((sum, size) => sum + size, 0)
    expect(packages.length + 1).to.be.within(2, 5)
    expect(total).to.be.within(100_000, 3_000_000)
  })
})
