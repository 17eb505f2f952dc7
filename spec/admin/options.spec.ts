/** Which options of the admin listener go together, and what a start without it loads. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server } from '../../lib/index.js'
import { completeOptions, type StartOptions } from '../../lib/options/complete-options.js'
import { TOKEN } from '../support/admin.js'
import { runServer } from '../support/server.js'

describe('the options of the admin listener', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-admin-options-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const refused: [options: StartOptions, sentence: RegExp][] = [
    [{ admin: 'localhost' }, /^admin: "localhost" is not an address with a port; give host:port/],
    [{ admin: '127.0.0.1:70000' }, /is not an address with a port/],
    [{ admin: '0.0.0.0:80' }, /^admin: other machines can connect to 0\.0\.0\.0:80; give adminTokenFile/],
    [{ admin: '*:80' }, /^admin: other machines can connect/],
    [{ admin: '[::]:80' }, /^admin: other machines can connect/],
    [{ admin: '127.0.0.1.example:80' }, /^admin: other machines can connect/],
    [{ admin: '127.0.0.1:0', adminWrite: true }, /^adminWrite: changes need a token; give adminTokenFile/],
    [{ adminWrite: true }, /^adminWrite: there is no listener for it without admin/],
    [{ adminTokenFile: 'token' }, /^adminTokenFile: there is no listener for it without admin/],
    [
      { admin: '[::1]:80', saslEnabled: true },
      /^admin: it would let clients past the login that saslEnabled/,
    ],
    [{ admin: '[::1]:80', loginFile: 'x' }, /^admin: it would let clients past the login that loginFile/],
  ]
  for (const [options, sentence] of refused)
    it(`refuse ${JSON.stringify(options)}`, () => {
      expect(() => completeOptions(options)).to.throw(RangeError, sentence)
    })

  it('accept loopback addresses without a token, and others with one', () => {
    for (const admin of ['127.0.0.1:0', '127.1.2.3:80', 'localhost:80', '[::1]:80'])
      expect(completeOptions({ admin }).admin).to.equal(admin)
    const options = { admin: '0.0.0.0:80', adminTokenFile: 'token', adminWrite: true }
    expect(completeOptions(options)).to.include(options)
  })

  it('are named as on the command line there', async () => {
    const { code, stderr } = await runServer(['-p', '0', '--admin', '0.0.0.0:0'])
    expect(code).to.equal(64)
    expect(stderr).to.match(/--admin: other machines can connect to 0\.0\.0\.0:0; give --admin-token/)
  })

  it('name the file of a token that cannot be used', async () => {
    const missing = join(folder, 'missing')
    const short = join(folder, 'short')
    writeFileSync(short, 'too-short\n')
    const start = (adminTokenFile: string) => Server.start({ port: 0, admin: '127.0.0.1:0', adminTokenFile })
    const failures = await Promise.all([missing, short].map((path) => start(path).catch((error) => error)))
    expect(failures[0]).to.include({
      message: `adminTokenFile: ${missing} cannot be used: no such file or directory`,
      code: 'ENOENT',
    })
    expect(failures[1].message).to.equal(
      `adminTokenFile: ${short} cannot be used: its first line is no token: give 16 to 1024 visible ASCII characters`,
    )
  })

  it('name the address that cannot be listened on', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const failure = await Server.start({ port: 0, admin: `127.0.0.1:${port}` }).catch((error) => error)
    other.close()
    expect(failure).to.include({
      message: `cannot listen on 127.0.0.1:${port} (admin): it is in use`,
      code: 'EADDRINUSE',
    })
  })

  it('load nothing of the listener when it is off', () => {
    const program = (options: string) => `
      import { Server } from ${JSON.stringify(new URL('../../lib/index.js', import.meta.url).href)}
      import { createRequire } from 'node:module'
      const before = process.moduleLoadList.includes('NativeModule http')
      const server = await Server.start({ port: 0${options} })
      console.log(before, process.moduleLoadList.includes('NativeModule http'))
      await server.stop()`
    const run = (options: string) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program(options)], { encoding: 'utf8' })
        .stdout
    expect(run('')).to.equal('false false\n')
    expect(run(", admin: '127.0.0.1:0'")).to.equal('false true\n')
  })

  it('read the token again at reload, and keep the earlier one if it cannot be read', async () => {
    const adminTokenFile = join(folder, 'token')
    writeFileSync(adminTokenFile, `${TOKEN}\n`)
    await using server = await Server.start({ port: 0, admin: '127.0.0.1:0', adminTokenFile })
    const statusWith = async (token: string) =>
      (await fetch(`${server.adminUri}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await statusWith(TOKEN)).to.equal(200)
    writeFileSync(adminTokenFile, 'another-token-of-the-specs\n')
    server.reload()
    expect([await statusWith(TOKEN), await statusWith('another-token-of-the-specs')]).to.deep.equal([
      401, 200,
    ])
    rmSync(adminTokenFile)
    server.reload()
    expect(await statusWith('another-token-of-the-specs')).to.equal(200)
  })
})
