import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'
import { CertificateFolder } from '../support/certificates.js'
import { startMemcached } from '../support/memcached.js'
import {
  BMEMCACHED,
  MEMCACHED,
  needs,
  OPENSSL,
  type Peer,
  PHP_MEMCACHED,
  PYLIBMC,
  PYMEMCACHE,
  PYTHON_MEMCACHED,
  pythonWith,
} from '../support/peers.js'
import { type ServerProcess, startServer, useProcess, useServer } from '../support/server.js'

/** A script prints what its client answered. It stands beside this file's source. */
interface Script {
  readonly peer: Peer
  readonly program: () => string
  readonly file: string
  /** The script's arguments after the port; its title. */
  readonly words?: readonly string[]
}

const BMEMCACHED_SCRIPT: Script = {
  peer: BMEMCACHED,
  program: () => pythonWith('bmemcached') ?? 'python3',
  file: 'run-bmemcached.py',
}
/** npm has installed it. */
const fromNpm = (name: string): Script => ({
  peer: { name: `${name} of npm`, isThere: () => true },
  program: () => process.execPath,
  file: `run-npm-${name}.mjs`,
})
const NPM_MEMCACHE_SCRIPT = fromNpm('memcache')
const SCRIPTS: readonly Script[] = [
  BMEMCACHED_SCRIPT,
  ...(['binary', 'text'] as const).flatMap((protocol) => [
    {
      peer: PYLIBMC,
      program: () => pythonWith('pylibmc') ?? 'python3',
      file: 'run-pylibmc.py',
      words: [protocol],
    },
    { peer: PHP_MEMCACHED, program: () => 'php', file: 'run-php-memcached.php', words: [protocol] },
  ]),
  { peer: PYMEMCACHE, program: () => pythonWith('pymemcache') ?? 'python3', file: 'run-pymemcache.py' },
  {
    peer: PYTHON_MEMCACHED,
    program: () => pythonWith('memcache') ?? 'python3',
    file: 'run-python-memcached.py',
  },
  fromNpm('memcached'),
  NPM_MEMCACHE_SCRIPT,
]

async function run(script: Script, server: ServerProcess, ...rest: string[]): Promise<string[]> {
  return runOn(script, server.port, {}, ...rest)
}

async function runOn(
  { program, file, words = [] }: Script,
  port: number,
  environment: Readonly<Record<string, string>>,
  ...rest: string[]
): Promise<string[]> {
  const path = fileURLToPath(new URL(`../../../spec/clients/${file}`, import.meta.url))
  const { stdout } = await promisify(execFile)(program(), [path, `${port}`, ...words, ...rest], {
    env: { ...process.env, ...environment },
  })
  return stdout.trimEnd().split('\n')
}

/** What several specs compare with. */
function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined
  return () => (result ??= make())
}

for (const script of SCRIPTS)
  describe([script.peer.name, ...(script.words ?? [])].join(', '), () => {
    needs(MEMCACHED, script.peer)
    const memcached = useProcess(() => startMemcached())
    const keepcached = useProcess(() => startServer())

    it('finds no difference between memcached and keepcached', async function () {
      this.slow(10_000)
      const theirs = await run(script, memcached())
      expect(theirs.length).to.be.greaterThan(30)
      expect(await run(script, keepcached())).to.deep.equal(theirs)
    })
  })

describe('python-binary-memcached with SASL', () => {
  needs(BMEMCACHED)
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-bmemcached-'))
  const accounts = join(folder, 'accounts')
  writeFileSync(accounts, 'user:secret\n')
  after(() => rmSync(folder, { recursive: true }))
  const open = useServer()
  const withoutLogin = once(() => run(BMEMCACHED_SCRIPT, open()))
  const closed = useServer({ options: ['-S'], environment: { MEMCACHED_SASL_PWDB: accounts } })

  it('works as without SASL, once it is logged in', async function () {
    this.slow(10_000)
    expect(await run(BMEMCACHED_SCRIPT, closed(), 'user', 'secret')).to.deep.equal(await withoutLogin())
  })

  it('works with credentials that a server without SASL does not ask for', async function () {
    this.slow(10_000)
    const answers = await withoutLogin()
    expect(await run(BMEMCACHED_SCRIPT, open(), 'user', 'secret')).to.deep.equal(answers)
  })

  it('stores nothing with a wrong password', async () => {
    const failure = await run(BMEMCACHED_SCRIPT, closed(), 'user', 'wrong').catch((error: Error) => error)
    const said = failure instanceof Error ? failure.message : failure.join('\n')
    expect(said).to.not.contain("get: 'value'")
  })
})

for (const script of [BMEMCACHED_SCRIPT, NPM_MEMCACHE_SCRIPT])
  describe(`${script.peer.name} over TLS`, () => {
    needs(script.peer, OPENSSL)
    const folder = new CertificateFolder()
    const plain = useServer()
    const withoutTls = once(() => run(script, plain()))

    for (const workers of [1, 2])
      it(`works as without TLS (-t ${workers})`, async function () {
        this.slow(10_000)
        const { cert, key } = folder.make('server')
        await using server = await Server.start({
          port: 0,
          workers,
          sslEnabled: true,
          sslChainCert: cert,
          sslKey: key,
        })
        expect(await runOn(script, server.port, { TLS: 'yes' })).to.deep.equal(await withoutTls())
      })
  })
