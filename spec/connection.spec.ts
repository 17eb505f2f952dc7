/** How the tools reach a server: addresses, TLS, logins, and servers that do not answer. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { expect } from 'chai'
import { parseAddress, showAddress } from '../lib/check/client/address.js'
import { startMemcached } from './support/memcached.js'
import { MEMCACHED, needs, OPENSSL } from './support/peers.js'
import { useProcess, useServer } from './support/server.js'
import { runTool } from './support/tool.js'

describe('an address', () => {
  const written: readonly (readonly [string, object])[] = [
    ['cache.example:22122', { host: 'cache.example', port: 22122 }],
    ['cache.example', { host: 'cache.example', port: 11211 }],
    [':22122', { host: '127.0.0.1', port: 22122 }],
    ['[::1]:22122', { host: '::1', port: 22122 }],
    ['[::1]', { host: '::1', port: 11211 }],
    ['::1', { host: '::1', port: 11211 }],
    ['/run/cache.sock', { path: '/run/cache.sock' }],
    ['./cache.sock', { path: './cache.sock' }],
    ['unix:/run/cache.sock', { path: '/run/cache.sock' }],
  ]
  for (const [text, address] of written) {
    it(`may be written ${text}`, () => {
      expect(parseAddress(text)).to.deep.equal(address)
    })
  }

  it('is shown as it can be typed', () => {
    for (const text of ['127.0.0.1:11211', '[::1]:11211', '/run/cache.sock'])
      expect(showAddress(parseAddress(text))).to.equal(text)
  })

  it('is refused in any other form', () => {
    for (const text of ['', 'a:b', 'a:0', 'a:65536', 'a:1:2', '[::1'])
      expect(() => parseAddress(text), text).to.throw()
  })
})

/** A self-signed certificate for this machine. */
function makeCertificate(folder: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync('openssl', [...request, '-addext', names, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { cert, key }
}

describe('the tools, over TLS', () => {
  needs(OPENSSL)
  const server = useServer()
  let folder = ''
  let files = { cert: '', key: '' }
  let listener: Server | undefined
  let address = ''
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-tls-'))
    files = makeCertificate(folder)
    const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
    // TLS is terminated here, and keepcached is behind it.
    listener = createTlsServer({ ...pair, allowHalfOpen: true }, (client) => {
      const behind = connect({ ...server().address, allowHalfOpen: true })
      client.pipe(behind).pipe(client)
      for (const socket of [client, behind]) socket.on('error', () => socket.destroy())
    })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    address = `127.0.0.1:${(listener.address() as AddressInfo).port}`
  })
  after(() => {
    listener?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('reach a server whose certificate they trust', async () => {
    expect((await runTool(['ping', address, '--tls-ca', files.cert])).code).to.equal(0)
  })

  it('refuse a certificate of an unknown authority, unless told to accept any', async () => {
    const { code, complaints } = await runTool(['stats', address, '--tls'])
    expect(code).to.equal(69)
    expect(complaints.join()).to.include('self-signed certificate')
    expect((await runTool(['ping', address, '--tls-insecure'])).code).to.equal(0)
  })

  it('refuse a certificate for another name', async () => {
    const foreign = address.replace('127.0.0.1', '127.0.0.2')
    expect((await runTool(['ping', foreign, '--tls-ca', files.cert])).code).to.equal(1)
  })

  it('report which file cannot be read', async () => {
    const { code, complaints } = await runTool(['stats', address, '--tls-ca', '/no/such/file'])
    expect(code).to.equal(66)
    expect(complaints.join()).to.include('/no/such/file')
  })

  it('check a server', async function () {
    this.slow(3000)
    const words = ['check', address, '--tls-ca', files.cert, '--only', 'binary.store', '--json']
    const { code, out } = await runTool(words)
    expect(JSON.parse(out).summary).to.deep.equal({ passed: 20, failed: 0, differs: 0, skipped: 0 })
    expect(code).to.equal(0)
  })
})

describe('the tools, with logins', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-login-'))
  const users = join(folder, 'users')
  writeFileSync(users, 'alice:wonderland\n')
  after(() => rmSync(folder, { recursive: true }))

  describe('by SASL', () => {
    const server = useServer({ options: ['-S'], environment: { MEMCACHED_SASL_PWDB: users } })
    const stats = (...more: string[]) => runTool(['stats', `127.0.0.1:${server().port}`, ...more])

    it('log in with the credentials of the command line or the environment', async () => {
      expect((await stats('--sasl', 'alice:wonderland')).code).to.equal(0)
      const environment = { KEEPCACHED_SASL: 'alice:wonderland' }
      expect((await runTool(['stats', `127.0.0.1:${server().port}`], { environment })).code).to.equal(0)
    })

    it('exit with 77 when they are refused', async () => {
      expect((await stats('--sasl', 'alice:wrong')).code).to.equal(77)
      expect((await stats()).code).to.equal(77)
    })
  })

  describe('by text', () => {
    needs(MEMCACHED)
    const server = useProcess(() => startMemcached({ options: ['-Y', users] }))
    const stats = (...more: string[]) => runTool(['stats', `127.0.0.1:${server().port}`, '--text', ...more])

    it('log in', async () => {
      expect((await stats('--sasl', 'alice:wonderland')).out).to.match(/^auth_cmds [1-9]/m)
    })

    it('exit with 77 when they are refused', async () => {
      expect((await stats('--sasl', 'alice:wrong')).code).to.equal(77)
      expect((await stats()).code).to.equal(77)
    })
  })

  describe('that the server does not ask for', () => {
    const server = useServer()

    it('are not used', async () => {
      expect((await runTool(['ping', `127.0.0.1:${server().port}`, '--sasl', 'alice:x'])).code).to.equal(0)
    })
  })
})

describe('the tools, with a server that does not answer', () => {
  /** Calls a function with each connection. Returns where it listens. */
  async function withListener(
    answer: string | undefined,
    use: (address: string) => Promise<void>,
  ): Promise<void> {
    const listener = createServer((socket) => {
      socket.on('error', () => undefined)
      if (answer !== undefined) socket.end(answer)
    })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    try {
      await use(`127.0.0.1:${(listener.address() as AddressInfo).port}`)
    } finally {
      listener.close()
    }
  }

  it('give up after the given time', async () => {
    await withListener(undefined, async (address) => {
      const begin = Date.now()
      const { code, complaints } = await runTool(['stats', address, '--timeout', '200'])
      expect({ code, complaints }).to.deep.equal({ code: 69, complaints: ['nothing came within 200 ms'] })
      expect(Date.now() - begin).to.be.within(150, 2000)
    })
  })

  it('report that it does not speak the protocol', async () => {
    await withListener('SSH-2.0-OpenSSH\r\n', async (address) => {
      const { code, complaints } = await runTool(['stats', address])
      expect(code).to.equal(76)
      expect(complaints.join()).to.match(/^the server does not speak the binary protocol/)
    })
    await withListener('\x81\0\0', async (address) => {
      expect((await runTool(['stats', address, '--text'])).code).to.equal(76)
    })
  })

  it('report that it closes the connection', async () => {
    await withListener('', async (address) => {
      for (const more of [[], ['--text']])
        expect((await runTool(['stats', address, ...more])).code).to.equal(76)
    })
  })
})
