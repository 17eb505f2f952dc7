import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, renameSync, rmSync } from 'node:fs'
import { createServer, type NetConnectOpts, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { takeInheritedSockets } from '../../lib/cli/server/inherited-sockets.js'
import { exchange, statistics } from '../support/binary-client.js'
import { Op, request, statusOf } from '../support/frames.js'
import { MAIN } from '../support/program.js'
import { ServerProcess } from '../support/server.js'

/** Starts keepcached as systemd does: with open files from 3 on, and their number for this very process. */
function activate(descriptors: readonly number[], ...options: string[]) {
  const script = `LISTEN_PID=$$ LISTEN_FDS=${descriptors.length} exec "$0" "$@"`
  return spawn('sh', ['-c', script, process.execPath, MAIN, ...options], {
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
  })
}

/** Of a server that listens. */
function descriptorOf(server: Server): number {
  return (server as Server & { _handle: { fd: number } })._handle.fd
}

describe('A server that inherits sockets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-inherited-'))
  after(() => rmSync(folder, { recursive: true }))

  async function expectServed(server: ServerProcess): Promise<void> {
    const connection = await server.connect()
    expect(statusOf(await exchange(connection, request(Op.NOOP)))).to.equal(0)
    connection.close()
  }

  async function opened(address: NetConnectOpts): Promise<Server> {
    const opener = createServer()
    opener.listen('path' in address ? address.path : { host: '127.0.0.1', port: 0 })
    await once(opener, 'listening')
    return opener
  }

  it('serves on a TCP socket, and not on its own port', async () => {
    const opener = await opened({ port: 0 })
    const { port } = opener.address() as { port: number }
    const child = activate([descriptorOf(opener)], '-p', '11211')
    // From here on only the child accepts.
    opener.close()
    const server = new ServerProcess({ host: '127.0.0.1', port }, child)
    await server.untilAccepting()
    await expectServed(server)
    const connection = await server.connect()
    const lines = await statistics(connection, 'conns')
    expect(lines.get('26:addr')).to.equal(`tcp:127.0.0.1:${port}`)
    expect([...lines].filter(([, value]) => value === 'conn_listening')).to.have.length(1)
    expect((await statistics(connection, 'settings')).get('tcpport')).to.equal(`${port}`)
    connection.close()
    expect(await server.stop()).to.equal(0)
  })

  it('serves on a unix socket', async () => {
    const path = join(folder, 'socket')
    const opener = await opened({ path: `${path}.opened` })
    const child = activate([descriptorOf(opener)])
    // Closing it would remove the path.
    renameSync(`${path}.opened`, path)
    opener.close()
    const server = new ServerProcess({ path }, child)
    await server.untilAccepting()
    await expectServed(server)
    expect(await server.stop()).to.equal(0)
  })

  it('serves on several', async () => {
    const openers = [await opened({ port: 0 }), await opened({ port: 0 })]
    const child = activate(openers.map(descriptorOf))
    const servers = openers.map((opener) => {
      const { port } = opener.address() as { port: number }
      opener.close()
      return new ServerProcess({ host: '127.0.0.1', port }, child)
    })
    for (const server of servers) {
      await server.untilAccepting()
      await expectServed(server)
    }
    await servers[0]!.stop()
  })

  for (const [what, descriptor, options, message] of [
    [
      'a socket that does not listen',
      openSync('/dev/null', 'r'),
      [],
      'cannot listen on file descriptor 3 (LISTEN_FDS): ',
    ],
    ['to be a daemon too', openSync('/dev/null', 'r'), ['-d'], '-d: a daemon cannot take over sockets'],
  ] as const)
    it(`refuses ${what}`, async () => {
      const child = activate([descriptor], ...options)
      let said = ''
      child.stderr!.on('data', (chunk) => {
        said += chunk
      })
      const [code] = await once(child, 'close')
      expect(code).to.be.greaterThan(63)
      expect(said).to.include(`keepcached: ${message}`)
    })
})

describe('Variables about inherited sockets', () => {
  it('apply to the process that they name, once', () => {
    const environment = { LISTEN_PID: `${process.pid}`, LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b', OTHER: 'x' }
    expect(takeInheritedSockets(environment)).to.deep.equal([3, 4])
    expect(environment).to.deep.equal({ OTHER: 'x' })
    expect(takeInheritedSockets(environment)).to.deep.equal([])
  })

  it('are ignored when they are for another process, or not numbers', () => {
    const other = { LISTEN_PID: `${process.ppid}`, LISTEN_FDS: '1' }
    expect(takeInheritedSockets(other)).to.deep.equal([])
    expect(other).to.have.all.keys('LISTEN_PID', 'LISTEN_FDS')
    for (const LISTEN_FDS of [undefined, '', '0', '-1', 'x', '99999'])
      expect(takeInheritedSockets({ LISTEN_PID: `${process.pid}`, LISTEN_FDS })).to.deep.equal([])
  })
})
