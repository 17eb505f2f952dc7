/** If what an option names cannot be opened, one sentence has the option, the file and the system's reason. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server, type StartOptions } from '../../lib/index.js'
import { exchange } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { Op, request, statusOf } from '../support/frames.js'
import { runServer, startServer } from '../support/server.js'

describe('A place that cannot be opened', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-places-'))
  after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'file')
  const missing = join(folder, 'missing')
  before(() => writeFileSync(file, 'nothing of use\n'))

  const places: Readonly<Record<string, () => readonly [options: readonly string[], sentence: string]>> = {
    'is the data directory, when it is a file': () => [
      ['--data', file],
      `--data: ${file} cannot be used: not a directory`,
    ],
    'is the data directory, below a file': () => [
      ['--data', join(file, 'data')],
      `--data: ${join(file, 'data')} cannot be used: not a directory`,
    ],
    'is the data directory, with other files in it': () => [
      ['--data', folder],
      `--data: ${folder}: file is not a file of keepcached; give a directory that holds nothing else`,
    ],
    'is the directory of the memory file': () => [
      ['-e', join(file, 'memory')],
      `-e: ${join(file, 'memory.meta')} cannot be used: not a directory`,
    ],
    'is the file of logins, when it is missing': () => [
      ['-Y', missing],
      `-Y: ${missing} cannot be read: no such file or directory`,
    ],
    'is the file of logins, when it is a directory': () => [
      ['-Y', folder],
      `-Y: ${folder} cannot be read: it is not a file`,
    ],
    'is the file of logins, when it holds no login': () => [
      ['-Y', file],
      `-Y: ${file} holds no line name:password`,
    ],
    'is a unix socket, without a directory': () => [
      ['-s', join(missing, 'socket')],
      `cannot listen on ${join(missing, 'socket')} (-s): there is no directory ${missing}`,
    ],
    'is a unix socket, when the path is a file': () => [
      ['-s', file],
      `cannot listen on ${file} (-s): there is a file that is not a socket`,
    ],
  }
  for (const [what, make] of Object.entries(places))
    it(`${what}, is reported with its option`, async () => {
      const [options, sentence] = make()
      const { code, stdout, stderr } = await runServer(['-l', '127.0.0.1', '-p', '-1', ...options])
      expect({ code, stdout, stderr }).to.deep.equal({
        code: 71,
        stdout: '',
        stderr: `keepcached: ${sentence}\n`,
      })
    })

  it('is reported where the kernel creates no directories, and no attempt lasts without limit', async function () {
    if (process.platform !== 'linux') this.skip()
    const { code, stderr } = await runServer(['-p', '0', '--data', '/proc/keepcached/data'])
    expect({ code, stderr }).to.deep.equal({
      code: 71,
      stderr: 'keepcached: --data: /proc/keepcached cannot be used: no such file or directory\n',
    })
  })

  it('is a directory above the data directory only if it cannot be created', async () => {
    const server = await startServer({ options: ['--data', join(folder, 'one', 'two', 'three')] })
    expect(await server.stop()).to.equal(0)
  })

  it('is a unix socket on which another server listens', async () => {
    const socketPath = join(folder, 'socket')
    const server = await startServer({ socketPath })
    const { code, stderr } = await runServer(['-s', socketPath])
    expect({ code, stderr }).to.deep.equal({
      code: 71,
      stderr: `keepcached: cannot listen on ${socketPath} (-s): another server listens there\n`,
    })
    await server.stop()
  })

  it('is a port that this user may not open, and no directory is mentioned', async function () {
    const [user, place] = [process.geteuid?.(), { port: 81, host: '127.0.0.1' }]
    if (user !== 0) this.skip()
    // Without rights, for the moment of listening.
    process.seteuid?.(65534)
    try {
      const error = await Server.start({ port: place.port }).catch((reason: unknown) => reason)
      if (error instanceof Server) {
        // On this machine every user may open that port.
        await error.stop()
        this.skip()
      }
      expect(error).to.be.an('error').with.property('code', 'EACCES')
      expect((error as Error).message).to.equal(
        'cannot listen on 127.0.0.1, port 81 (listen, port): permission denied',
      )
    } finally {
      process.seteuid?.(0)
    }
  })

  it('is a directory that this user may not use', async function () {
    const closed = join(folder, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    chmodSync(folder, 0o755)
    if (process.geteuid?.() !== 0) this.skip()
    const { code, stderr } = await runServer(['-p', '0', '-u', 'nobody', '--data', join(closed, 'data')])
    expect({ code, stderr }).to.deep.equal({
      code: 71,
      stderr: `keepcached: --data: ${join(closed, 'data')} cannot be used: permission denied\n`,
    })
  })

  it('is a name that does not exist, also if nothing is to listen there', async () => {
    for (const [port, place] of [
      ['0', 'nosuch.invalid (-l)'],
      ['-1', 'nosuch.invalid, port 0 (-l, -p)'],
    ]) {
      const { code, stderr } = await runServer(['-l', 'nosuch.invalid', '-p', port!])
      expect({ code, stderr: stderr.replace(/: [^:]*$/, '') }).to.deep.equal({
        code: 71,
        stderr: `keepcached: cannot listen on ${place}`,
      })
    }
  })

  it('is a data directory that another server uses: the code is EBUSY', async () => {
    const options = { port: 0, dataDirectory: join(folder, 'shared') }
    const server = await Server.start(options)
    const error = await Server.start(options).catch((reason: unknown) => reason)
    await server.stop()
    expect(error).to.be.an('error').with.property('code', 'EBUSY')
    expect((error as Error).message).to.match(
      /^dataDirectory: \S+: the server with process id \d+ uses it; two cannot share a directory$/,
    )
  })

  it('is reported with the port when every interface was meant', async () => {
    const holder = createServer().listen({ port: 0, host: '0.0.0.0' })
    await new Promise((resolve) => holder.once('listening', resolve))
    const { port } = holder.address() as { port: number }
    const { code, stderr } = await runServer(['-p', `${port}`])
    expect({ code, stderr }).to.deep.equal({
      code: 71,
      stderr: `keepcached: cannot listen on port ${port} (-p): it is in use\n`,
    })
    holder.close()
  })

  const inPrograms: readonly (readonly [code: string, options: () => StartOptions])[] = [
    ['ENOTDIR', () => ({ dataDirectory: file })],
    ['ENOENT', () => ({ loginFile: missing })],
    ['ENOENT', () => ({ sslEnabled: true, sslChainCert: missing })],
    ['EADDRINUSE', () => ({ socketPath: file })],
    ['EACCES', () => ({ socketPath: join(missing, 'socket') })],
  ]
  for (const [code, options] of inPrograms)
    it(`rejects in a program with the code of the system, ${Object.keys(options())[0]}: ${code}`, async () => {
      const error = await Server.start({ port: 0, ...options() }).catch((reason: unknown) => reason)
      expect(error).to.be.an('error').with.property('code', code)
    })
})

describe('A server that asks for SASL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-obstacles-'))
  after(() => rmSync(folder, { recursive: true }))
  const [users, nobody] = [join(folder, 'users'), join(folder, 'nobody')]
  before(() => {
    writeFileSync(users, '# who may come in\njoe:secret\n')
    writeFileSync(nobody, 'joe\n:secret\nmax:\n')
    writeFileSync(join(folder, 'memcached.conf'), 'mech_list: gssapi\n')
  })

  const said = async (environment: Record<string, string>, ...options: string[]): Promise<string> => {
    const given = { MEMCACHED_SASL_PWDB: '', SASL_CONF_PATH: '', ...environment }
    const server = await startServer({ options: ['-S', ...options], environment: given })
    const connection = await server.connect()
    expect(statusOf(await exchange(connection, request(Op.VERSION)))).to.equal(0)
    connection.close()
    expect(await server.stop()).to.equal(0)
    return server.output
  }

  it('starts if no user can log in, and logs it once', async () => {
    const obstacles: readonly (readonly [Record<string, string>, string])[] = [
      [{}, 'MEMCACHED_SASL_PWDB in the environment names no file of users'],
      [
        { MEMCACHED_SASL_PWDB: join(folder, 'missing') },
        `${join(folder, 'missing')} (MEMCACHED_SASL_PWDB) cannot be read: no such file or directory`,
      ],
      [{ MEMCACHED_SASL_PWDB: nobody }, `${nobody} (MEMCACHED_SASL_PWDB) holds no line name:password`],
      [
        { MEMCACHED_SASL_PWDB: users, SASL_CONF_PATH: folder },
        `memcached.conf in ${folder} (SASL_CONF_PATH) lists no known mechanism`,
      ],
    ]
    for (const [environment, obstacle] of obstacles)
      expect(await said(environment)).to.equal(`keepcached: -S: no user can log in: ${obstacle}\n`)
    expect(await said({}, '-t', '2')).to.match(/^keepcached: -S: .*\n$/)
  })

  it('reads the file as the user of -u', async function () {
    if (process.geteuid?.() !== 0) this.skip()
    chmodSync(folder, 0o755)
    chmodSync(users, 0o600)
    const refused = `${users} (MEMCACHED_SASL_PWDB) cannot be read: permission denied`
    for (const threads of ['1', '2'])
      expect(await said({ MEMCACHED_SASL_PWDB: users }, '-u', 'nobody', '-t', threads)).to.equal(
        `keepcached: -S: no user can log in: ${refused}\n`,
      )
    chmodSync(users, 0o644)
  })

  for (const threads of ['1', '2'])
    it(`looks at the file again at HUP, with -t ${threads}`, async () => {
      const changing = join(folder, 'changing')
      const name = `${changing} (MEMCACHED_SASL_PWDB)`
      writeFileSync(changing, 'joe:secret\n')
      const environment = { MEMCACHED_SASL_PWDB: changing, SASL_CONF_PATH: '' }
      const server = await startServer({ options: ['-S', '-t', threads], environment })
      const expectReply = async () => {
        const connection = await server.connect()
        expect(statusOf(await exchange(connection, request(Op.VERSION)))).to.equal(0)
        connection.close()
      }
      // The start has looked at the file by then.
      await expectReply()
      expect(server.output).to.equal('')
      const expectSentence = async (change: () => void, obstacle: string) => {
        const expected = `${server.output}keepcached: -S: no user can log in: ${obstacle}\n`
        change()
        process.kill(server.pid, 'SIGHUP')
        expect(await eventually(expected, async () => server.output)).to.equal(expected)
      }
      await expectSentence(() => writeFileSync(changing, 'joe\n'), `${name} holds no line name:password`)
      await expectSentence(() => rmSync(changing), `${name} cannot be read: no such file or directory`)
      const { output } = server
      writeFileSync(changing, 'joe:secret\n')
      process.kill(server.pid, 'SIGHUP')
      await expectReply()
      expect(await server.stop()).to.equal(0)
      expect(server.output).to.equal(output)
    })

  it('logs nothing if a user can log in', async () => {
    expect(await said({ MEMCACHED_SASL_PWDB: users })).to.equal('')
  })

  it('cannot ask for a login in text as well, and names both options', async () => {
    const { code, stderr } = await runServer(['-S', '-Y', users])
    expect(code).to.equal(64)
    expect(stderr).to.match(/^keepcached: -S and -Y: .*; give one of them\n$/)
    const error = await Server.start({ saslEnabled: true, loginFile: users }).catch(
      (reason: unknown) => reason,
    )
    expect((error as Error).message).to.match(/^saslEnabled and loginFile: /)
  })
})
