/** What a server has loaded once it serves: memory and processor time that only those who use a part should pay. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { exchange } from '../support/binary-client.js'
import { CertificateFolder } from '../support/certificates.js'
import { eventually } from '../support/eventually.js'
import { Op, request } from '../support/frames.js'
import { MAIN } from '../support/program.js'
import { REDIS, RedisNode } from '../support/redis.js'
import { IS_OVER_TLS, startServer } from '../support/server.js'

/** At the signal it prints the modules of Node, and the files, that the program has loaded. */
const REPORTER = `process.once('SIGUSR2', () => {
  const builtins = process.moduleLoadList.map((name) => name.replace('NativeModule ', ''))
  const session = new (process.getBuiltinModule('inspector').Session)()
  const files = []
  session.connect()
  session.on('Debugger.scriptParsed', ({ params }) => files.push(params.url))
  session.post('Debugger.enable')
  console.log(JSON.stringify({ builtins, files: files.filter((url) => url.startsWith('file:')) }))
})`

interface Loaded {
  readonly builtins: readonly string[]
  readonly files: readonly string[]
}

/** The parts that are loaded on demand. The bundler names such a file after its module: `open-admin-ABCDEFGH.js`. */
const PARTS: Readonly<Record<string, (loaded: Loaded) => boolean>> = {
  TLS: ({ builtins }) => builtins.includes('tls'),
  cryptography: ({ builtins }) => builtins.includes('crypto'),
  checksums: ({ builtins }) => builtins.includes('zlib'),
  names: ({ builtins }) => builtins.includes('dns/promises'),
  journals: hasFile('worker-data'),
  admin: hasFile('open-admin'),
  gateway: hasFile('open-gateway'),
}

const partsIn = (loaded: Loaded): string[] => Object.keys(PARTS).filter((part) => PARTS[part]!(loaded))

function hasFile(name: string): (loaded: Loaded) => boolean {
  const file = new RegExp(`^${name}(-[A-Z0-9]{8})?\\.js$`)
  return ({ files }) => files.some((url) => file.test(basename(url)))
}

describe('A server loads', function () {
  if (IS_OVER_TLS) return
  this.timeout(20_000)
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-loaded-'))
  const { cert, key } = new CertificateFolder().make('server')
  const reporter = join(folder, 'reporter.cjs')
  writeFileSync(reporter, REPORTER)
  after(() => rmSync(folder, { recursive: true }))

  const TLS = ['-Z', '-o', `ssl_chain_cert=${cert},ssl_key=${key}`]
  for (const [title, options, expected] of [
    ['none of its parts with one worker', ['-t', '1'], []],
    [
      'journals with a data directory',
      ['-t', '1', '--data', join(folder, 'data')],
      ['cryptography', 'checksums', 'journals'],
    ],
    ['TLS if it is enabled', ['-t', '1', ...TLS], ['TLS', 'cryptography']],
    ['the lookup of names for a name', ['-t', '1', '-l', 'localhost:0'], ['names']],
  ] as const)
    it(title, async () => {
      expect(partsIn(await loadedWith(options))).to.deep.equal(expected)
    })

  it('the admin listener with --admin', async () => {
    const loaded = await loadedWith(['-t', '1', '--admin', '127.0.0.1:0'])
    expect(partsIn(loaded)).to.include('admin')
  })

  it('the gateway with --gateway', async function () {
    if (!REDIS.isThere()) this.skip()
    const engine = await RedisNode.start()
    const loaded = await loadedWith(['-t', '1', '--gateway', engine.uri])
    await engine.stop()
    expect(partsIn(loaded)).to.include('gateway')
  })

  /** What a server has loaded that has answered a request. */
  async function loadedWith(options: readonly string[]): Promise<Loaded> {
    // Over a unix socket requests are never encrypted.
    const place = options.includes('-Z') ? { socketPath: join(folder, 'socket') } : {}
    const command = [process.execPath, '--require', reporter, MAIN]
    const server = await startServer({ ...place, options, command })
    const connection = await server.connect()
    await exchange(connection, request(Op.NOOP))
    process.kill(server.pid, 'SIGUSR2')
    await eventually(true, async () => server.output.includes('\n'))
    connection.close()
    await server.stop()
    return JSON.parse(server.output)
  }
})
