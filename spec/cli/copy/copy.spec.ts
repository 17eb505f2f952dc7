/** `keepcached copy` between servers of all kinds. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { RAW_FORMAT, type RawValue } from '../../../lib/cli/shell/cache/raw-format.js'
import { Client } from '../../../lib/client/client.js'
import { CertificateFolder } from '../../support/certificates.js'
import { startMemcached } from '../../support/memcached.js'
import { pattern } from '../../support/pattern.js'
import { MEMCACHED, needs, OPENSSL } from '../../support/peers.js'
import { MAIN } from '../../support/program.js'
import { REDIS, RedisNode, startGateway, useEngine } from '../../support/redis.js'
import { type ServerProcess, startServer, useProcess, useServer } from '../../support/server.js'
import { runTool } from '../../support/tool.js'

const at = ({ port }: ServerProcess): string => `127.0.0.1:${port}`

/** Patience for busy machines. */
const copy = (from: ServerProcess, to: ServerProcess, ...words: string[]) =>
  runTool(['copy', at(from), at(to), '--timeout', '30000', ...words])

async function reportOf(from: ServerProcess, to: ServerProcess, ...words: string[]) {
  const { code, out, complaints } = await copy(from, to, '--json', ...words)
  return { code, complaints, ...JSON.parse(out) }
}

async function withClient<Result>(
  server: ServerProcess,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(at(server), { flags: RAW_FORMAT, longKeys: 'base64', timeout: 30_000 })
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

const raw = (text: string | Buffer, flags = 0): RawValue => ({ bytes: Buffer.from(text), flags })

/** Keys and values of all kinds. */
const ITEMS: readonly { key: string | Buffer; value: Buffer; flags: number; ttl: number }[] = [
  { key: 'plain', value: Buffer.from('blue'), flags: 0, ttl: 0 },
  { key: 'empty', value: Buffer.alloc(0), flags: 4_294_967_295, ttl: 0 },
  { key: 'a b%c\r\n', value: Buffer.from('END\r\n'), flags: 7, ttl: 3000 },
  { key: Buffer.from([0, 1, 0xff, 0x7f, 0x20]), value: pattern(200_000), flags: 1, ttl: 100 },
  { key: 'größe', value: Buffer.from([0, 255]), flags: 2, ttl: 40 * 24 * 3600 },
  { key: 'k'.repeat(250), value: Buffer.from('long key'), flags: 0, ttl: 0 },
  ...Array.from({ length: 1000 }, (_, index) => ({
    key: `many:${index}`,
    value: pattern(index),
    flags: index,
    ttl: index % 3 === 0 ? 0 : 1000 + index,
  })),
]

async function fill(server: ServerProcess): Promise<void> {
  await withClient(server, async (client) => {
    await client.flush()
    await Promise.all(
      ITEMS.map(({ key, value, flags, ttl }) => client.set(key, { bytes: value, flags }, { ttl })),
    )
  })
}

async function expectItems(server: ServerProcess): Promise<void> {
  await withClient(server, async (client) => {
    const expectItem = async ({ key, value, flags, ttl }: (typeof ITEMS)[number]): Promise<void> => {
      const [found, reply] = await Promise.all([
        client.get<RawValue>(key),
        client.meta('mg', key, { flags: 't' }),
      ])
      expect(found?.flags, `${key}`).to.equal(flags)
      expect(found!.bytes.equals(value), `${key}`).to.equal(true)
      const left = Number(reply.flags.replace('b', '').trim().slice(1))
      if (ttl === 0) expect(left, `${key}`).to.equal(-1)
      // The clocks of both servers count whole seconds, and may be late.
      else expect(left, `${key}`).to.be.within(ttl - 60, ttl + 3)
    }
    await Promise.all(ITEMS.map(expectItem))
  })
}

describe('keepcached copy', function () {
  this.timeout(120_000)
  const one = useServer()
  const two = useServer()
  beforeEach(async () => {
    await withClient(one(), (client) => client.flush())
    await withClient(two(), (client) => client.flush())
  })

  describe('between servers of different kinds', () => {
    needs(MEMCACHED, REDIS)
    const engine = useEngine(() => RedisNode.start())
    const servers = {
      memcached: useProcess(() => startMemcached({ options: ['-o', 'lru_crawler'] })),
      keepcached: useServer(),
      gateway: useProcess(() => startGateway(engine())),
    }
    const kinds = Object.keys(servers) as (keyof typeof servers)[]
    const pairs = kinds.flatMap((from) => kinds.flatMap((to) => (from === to ? [] : [[from, to] as const])))
    for (const [from, to] of pairs)
      it(`copies values, flags and times to live from ${from} to ${to}`, async () => {
        await fill(servers[from]())
        await withClient(servers[to](), (client) => client.flush())
        const { code, complaints, copied, compared } = await reportOf(
          servers[from](),
          servers[to](),
          '--verify',
        )
        expect({ code, complaints, copied }).to.deep.equal({ code: 0, complaints: [], copied: ITEMS.length })
        expect(compared.same).to.equal(ITEMS.length)
        await expectItems(servers[to]())
      })
  })

  it('keeps what TO has, or replaces it', async () => {
    await withClient(one(), (client) => client.set('k', raw('one')))
    await withClient(two(), (client) => client.set('k', raw('two')))
    const value = () => withClient(two(), async (client) => `${(await client.get<RawValue>('k'))!.bytes}`)
    for (const words of [[], ['--keep']]) {
      expect(await reportOf(one(), two(), ...words)).to.include({ code: 0, copied: 0, kept: 1 })
      expect(await value()).to.equal('two')
    }
    expect(await reportOf(one(), two(), '--replace')).to.include({ code: 0, copied: 1, kept: 0, bytes: 3 })
    expect(await value()).to.equal('one')
  })

  it('compares keys, values, flags and times to live, and names what differs', async () => {
    const keys = ['same', 'missing', 'value', 'flags', 'ttl', 'forever']
    await withClient(one(), async (client) => {
      for (const key of keys) await client.set(key, raw('v', 1), { ttl: key === 'forever' ? 0 : 1000 })
    })
    await reportOf(one(), two())
    await withClient(two(), async (client) => {
      await client.delete('missing')
      await client.set('value', raw('w', 1), { ttl: 1000 })
      await client.set('flags', raw('v', 2), { ttl: 1000 })
      await client.touch('ttl', 2000)
      await client.touch('forever', 1000)
    })
    const { code, complaints, compared, copied } = await reportOf(one(), two(), '--verify', '--dry-run')
    expect({ code, copied, compared }).to.deep.equal({
      code: 1,
      copied: undefined,
      compared: { same: 1, gone: 0, missing: 1, value: 1, flags: 1, ttl: 2, failed: 0 },
    })
    expect(complaints.sort()).to.deep.equal([
      'flags: other flags in TO',
      'forever: other time to live in TO',
      'missing: missing in TO',
      'ttl: other time to live in TO',
      'value: other value in TO',
    ])
    const wide = await reportOf(one(), two(), '--verify', '--dry-run', '--tolerance', '1500')
    expect(wide.compared).to.include({ ttl: 1, same: 2 })
    const { out } = await copy(one(), two(), '--verify', '--dry-run')
    expect(out.split('\n')[0]).to.equal(
      'compared: 1 same, missing 1, other value 1, other flags 1, other time to live 2',
    )
  })

  it('counts what it would copy, and changes nothing', async () => {
    await withClient(one(), (client) => client.setMany({ a: raw('1'), b: raw('2') }))
    await withClient(two(), (client) => client.set('a', raw('two')))
    const { code, out } = await copy(one(), two(), '--dry-run')
    expect({ code, line: out.split('\n')[0] }).to.deep.equal({ code: 0, line: 'would copy 1 items, kept 1' })
    expect(await reportOf(one(), two(), '--dry-run', '--replace')).to.include({ copied: 2, dryRun: true })
    expect(await withClient(two(), (client) => client.getMany(['a', 'b']))).to.have.lengthOf(1)
  })

  it('copies only the keys with a prefix', async () => {
    await withClient(one(), (client) => client.setMany({ 'a b:1': raw('1'), 'a b': raw('2'), c: raw('3') }))
    expect(await reportOf(one(), two(), '--prefix', 'a b:')).to.include({ copied: 1 })
    expect(await withClient(two(), (client) => client.getMany(['a b:1', 'a b', 'c']))).to.have.keys(['a b:1'])
  })

  it('does not copy stale items, and counts them', async () => {
    await withClient(one(), async (client) => {
      await client.setMany({ fresh: raw('1'), stale: raw('2') })
      await client.meta('md', 'stale', { flags: 'I T100' })
    })
    expect(await reportOf(one(), two())).to.include({ code: 0, copied: 1, stale: 1 })
  })

  it('names the keys that cannot be copied, and copies the others', async () => {
    const small = await startServer({ options: ['-I', '2k'] })
    try {
      await withClient(one(), async (client) => {
        await client.setMany({ small: raw('1'), 'too large': raw(pattern(5000)), other: raw('2') })
        await client.set(Buffer.alloc(186, 7), raw('binary'))
      })
      const { code, complaints, copied, failed } = await reportOf(one(), small)
      expect({ code, copied, failed }).to.deep.equal({ code: 1, copied: 3, failed: 1 })
      expect(complaints.join()).to.match(/^too%20large: 127\.0\.0\.1:\d+: the server replied: .*too large/)
    } finally {
      await small.stop()
    }
  })

  it('logs in to each side, over TLS and SASL', async function () {
    if (!OPENSSL.isThere()) this.skip()
    const folder = new CertificateFolder((remove) => process.once('exit', remove))
    const { cert, key } = folder.make('localhost')
    const users = join(folder.path, 'users')
    writeFileSync(users, 'alice:wonderland\n')
    const from = await startServer({ options: ['-Y', users] })
    const to = await startServer({
      options: ['-S', '-Z', '-o', `ssl_chain_cert=${cert},ssl_key=${key}`],
      environment: { MEMCACHED_SASL_PWDB: users },
    })
    try {
      const login = { flags: RAW_FORMAT, credentials: { user: 'alice', password: 'wonderland' } }
      const client = new Client(at(from), { ...login, protocol: 'meta', timeout: 30_000 })
      await client.set('k', raw('value', 3), { ttl: 100 })
      await client.close()
      const tls = ['--to-binary', '--to-tls-insecure']
      const words = ['--from-sasl', 'alice:wonderland', '--to-sasl', 'alice:wonderland', ...tls, '--verify']
      const { code, copied, compared } = await reportOf(from, to, ...words)
      expect({ code, copied, same: compared.same }).to.deep.equal({ code: 0, copied: 1, same: 1 })
      const environment = { KEEPCACHED_FROM_SASL: 'alice:wonderland', KEEPCACHED_TO_SASL: 'alice:wonderland' }
      expect((await runTool(['copy', at(from), at(to), ...tls], { environment })).code).to.equal(0)
      const wrong = await copy(from, to, '--from-sasl', 'alice:wonderland', '--to-sasl', 'alice:x', ...tls)
      expect(wrong.code).to.equal(77)
    } finally {
      await from.stop()
      await to.stop()
    }
  })

  it('shows how far it is: a bar on a terminal', async () => {
    await withClient(one(), (client) => client.setMany({ a: raw('1'), b: raw('2'), c: raw('3') }))
    const lines: string[] = []
    const words = ['copy', at(one()), at(two()), '--rate', '4']
    await runTool(words, { showProgress: (line) => lines.push(line) })
    expect(lines.some((line) => /^\[#*-*] \d+% *copy: [\d,]+\/s$/.test(line))).to.equal(true)
    expect(lines.at(-1)).to.equal('')
  })

  it('refuses what makes no sense', async () => {
    const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
      [[at(one()), at(one())], 64, /FROM and TO are the same server/],
      [[at(one()), at(two()), '--keep', '--replace'], 64, /--keep and --replace exclude each other/],
      [[at(one()), at(two()), '--rate', '0'], 64, /--rate: 0 is not a number from 1/],
      [[at(one()), at(two()), '--resume', '/no/such/file'], 66, /^--resume: \/no\/such\/file cannot be used/],
      [[at(one()), '127.0.0.1:1'], 69, /ECONNREFUSED/],
      [['127.0.0.1:1', at(two())], 69, /ECONNREFUSED/],
    ]
    for (const [words, exitCode, complaint] of wrong) {
      const { code, complaints } = await runTool(['copy', ...words])
      expect(code, words.join(' ')).to.equal(exitCode)
      expect(complaints.join()).to.match(complaint)
    }
  })

  it('says that a server does not list its keys', async () => {
    const silent = await startServer({ options: ['-X'] })
    try {
      const { code, complaints } = await copy(silent, two())
      expect({ code, complaints }).to.deep.equal({
        code: 76,
        complaints: ['FROM does not list its keys: ERROR metadump not allowed'],
      })
    } finally {
      await silent.stop()
    }
  })

  describe('interrupted', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-resume-'))
    const file = join(folder, 'list')
    after(() => rmSync(folder, { recursive: true }))
    const COUNT = 300

    beforeEach(() =>
      withClient(one(), async (client) => {
        await Promise.all(
          Array.from({ length: COUNT }, (_, index) => client.set(`key:${index}`, raw(`${index}`))),
        )
      }),
    )

    /** As a process of its own: how it ended, and what it printed. */
    async function runProcess(words: readonly string[], onSome: (kill: () => void) => Promise<void>) {
      const child = spawn(process.execPath, [MAIN, 'copy', at(one()), at(two()), ...words])
      let out = ''
      child.stdout.on('data', (chunk) => {
        out += chunk
      })
      const ended = once(child, 'close')
      await onSome(() => child.kill('SIGINT'))
      const [code, signal] = await ended
      return { code, signal, out }
    }

    const copiedCount = (to = two()) =>
      withClient(to, async (client) => {
        const keys = Array.from({ length: COUNT }, (_, index) => `key:${index}`)
        return (await client.getMany(keys)).size
      })

    /** At a rate that leaves most keys for later, however busy the machine is. */
    const SLOW = ['--rate', '20', '--in-flight', '4']

    async function untilSome(to = two()): Promise<void> {
      while ((await copiedCount(to)) < 10) await new Promise((resolve) => setTimeout(resolve, 20))
    }

    it('ends with the signal, and continues where it was', async () => {
      const words = ['--resume', file, '--timeout', '30000']
      const first = await runProcess([...words, ...SLOW], async (kill) => {
        await untilSome()
        kill()
      })
      expect(first).to.include({ code: null, signal: 'SIGINT' })
      const [, copied] = /^copied (\d+) items .*\ninterrupted after/.exec(first.out)!
      expect(await copiedCount()).to.equal(Number(copied))
      expect(Number(copied)).to.be.within(10, COUNT - 1)
      expect(existsSync(file)).to.equal(true)
      expect((await runTool(['copy', at(two()), at(one()), '--resume', file])).code).to.equal(66)
      const second = await reportOf(one(), two(), ...words, '--verify')
      expect(second).to.include({ code: 0, copied: COUNT - Number(copied), kept: 0 })
      expect(second.compared.same).to.equal(COUNT)
      expect(existsSync(file)).to.equal(false)
    })

    it('ends with 69 when a server has gone, and continues when it is back', async () => {
      const to = await startServer()
      const words = ['--resume', file, '--timeout', '2000']
      const running = copy(one(), to, ...words, ...SLOW)
      await untilSome(to)
      await to.stop()
      const { code, complaints } = await running
      expect(code).to.equal(69)
      expect(complaints.join()).to.include(`127.0.0.1:${to.port}`)
      const again = await startServer({ port: to.port })
      try {
        const second = await reportOf(one(), again, ...words)
        expect(second.code).to.equal(0)
        expect(second.copied).to.be.within(1, COUNT - 5)
        expect(existsSync(file)).to.equal(false)
      } finally {
        await again.stop()
      }
    })
  })
})
