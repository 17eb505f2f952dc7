import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { statistics } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { freePort, isAccepting, runServer, startServer } from '../support/server.js'

describe('A daemon', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-daemon-'))
  const pidFile = join(folder, 'pid')

  /** Whatever a spec finds, nothing that it started may stay. */
  afterEach(() => {
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    rmSync(pidFile, { force: true })
  })
  after(() => rmSync(folder, { recursive: true }))

  async function startDaemon(...options: string[]) {
    const port = await freePort()
    const ended = await runServer(['-d', '-l', '127.0.0.1', '-p', `${port}`, '-P', pidFile, ...options])
    return { ...ended, address: { host: '127.0.0.1', port } }
  }

  it('listens, and has written its process id, before the program that started it ends', async () => {
    const { code, stdout, stderr, address } = await startDaemon()
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    expect(readFileSync(pidFile, 'utf8')).to.match(/^\d+\n$/)
    const connection = await Connection.open(address)
    const pid = (await statistics(connection)).get('pid')
    expect(`${pid}\n`).to.equal(readFileSync(pidFile, 'utf8'))
    connection.close()
  })

  it('is in a session of its own', async () => {
    await startDaemon()
    const pid = readFileSync(pidFile, 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    expect(session).to.equal(pid)
  })

  it('ends at a signal, and removes its pid file', async () => {
    const { address } = await startDaemon()
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM')
    expect(await eventually(false, async () => existsSync(pidFile))).to.equal(false)
    expect(await isAccepting(address)).to.equal(false)
  })

  it('that cannot listen reports it, and the program that started it exits with its exit code', async () => {
    const server = await startServer()
    const { code, stderr } = await runServer(['-d', '-l', '127.0.0.1', '-p', `${server.port}`])
    expect(code).to.equal(71)
    expect(stderr).to.equal(
      `keepcached: cannot listen on 127.0.0.1, port ${server.port} (-l, -p): it is in use\n`,
    )
    await server.stop()
  })

  it('passes on what it prints before it listens', async () => {
    const port = await freePort()
    const options = ['-d', '-l', '127.0.0.1', '-p', `${port}`, '-P', pidFile]
    const { code, stderr } = await runServer(options, { environment: { KEEPCACHED_PROT: '1' } })
    expect({ code, stderr }).to.deep.equal({
      code: 0,
      stderr: 'keepcached: KEEPCACHED_PROT: there is no such option; ignored\n',
    })
  })

  it('is not started for a wrong command line', async () => {
    const { code, stderr } = await startDaemon('-c', '0')
    expect(code).to.equal(64)
    expect(stderr).to.equal('keepcached: -c: 0 is not a number of connections; give 1 to 1048576\n')
    expect(existsSync(pidFile)).to.equal(false)
  })
})
