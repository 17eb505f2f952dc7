/** What check reports of correct servers, and what it leaves behind. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { CHECKS } from '../../lib/check/all-checks.js'
import { isSince } from '../../lib/check/run/server-facts.js'
import { Op, request } from '../support/frames.js'
import { startMemcached } from '../support/memcached.js'
import { MEMCACHED, needs } from '../support/peers.js'
import { type ServerProcess, useProcess, useServer } from '../support/server.js'
import { runTool } from '../support/tool.js'

const PATIENCE_MS = 90_000
const MEMCACHED_VERSION = '1.6.18'
const IS_MEMCACHED_HERE = MEMCACHED.isThere()

interface Told {
  readonly server: { readonly version: string; readonly software: string }
  readonly summary: Record<'passed' | 'failed' | 'differs' | 'skipped', number>
  readonly checks: readonly { readonly name: string; readonly outcome: string }[]
}

async function check(server: ServerProcess, ...options: string[]): Promise<{ code: number; told: Told }> {
  const words = ['check', `127.0.0.1:${server.port}`, '--json', '--timeout', '2000', ...options]
  const { code, out } = await runTool(words)
  return { code, told: JSON.parse(out) }
}

/** Starts work before the specs of a suite. The specs wait for the result. */
function useRun<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let begun: Promise<Result> | undefined
  before(() => {
    begun = run()
    // The spec that waits for it reports the error.
    begun.catch(() => {})
  })
  return () => begun!
}

const namesOf = ({ checks }: Told, outcome: string): string[] =>
  checks.filter((each) => each.outcome === outcome).map(({ name }) => name)

describe('check', () => {
  it('has at least 250 checks, each with a name and a rule of its own', () => {
    expect(CHECKS.length).to.be.at.least(250)
    expect(new Set(CHECKS.map(({ name }) => name)).size).to.equal(CHECKS.length)
    for (const { name, rule } of CHECKS) {
      expect(name).to.match(/^(binary|text|meta)\.[a-z]+\.[a-z0-9-]+$/)
      expect(rule, name).to.match(/^\S.{10,}[^.]$/)
    }
  })

  it('lists its checks without a server', async () => {
    const { code, out } = await runTool(['check', '--list', '--meta'])
    expect(code).to.equal(0)
    expect(out).to.match(/^meta\.session\.noop\tmn returns MN\n/)
  })

  it('reports in one line that no server answers', async () => {
    const { code, complaints } = await runTool(['check', '127.0.0.1:1', '--timeout', '300'])
    expect(code).to.equal(69)
    expect(complaints.join()).to.match(/^127\.0\.0\.1:1: .*ECONNREFUSED/)
  })
})

describe('check, of whole servers', function () {
  this.timeout(PATIENCE_MS)
  this.slow(30_000)

  const keepcached = useServer()
  const shared = useServer()
  // Two, since checks wait long for replies that do not come.
  const memcacheds = IS_MEMCACHED_HERE ? [useProcess(startMemcached), useProcess(startMemcached)] : []

  // All of them wait for the clock most of the time: they run together.
  const destructive = useRun(() => check(keepcached(), '--destructive'))
  const aroundAnItem = useRun(async () => {
    const client = await shared().connect()
    client.send(request(Op.SET, { key: 'mine', value: 'stays', extras: Buffer.alloc(8) }))
    const cas = (await client.receive(24)).readBigUInt64BE(16)
    await check(shared())
    client.send(request(Op.GET, { key: 'mine' }))
    const casAfter = (await client.receive(33)).readBigUInt64BE(16)
    client.close()
    return { cas, casAfter }
  })
  const ofMemcached = [['binary'], ['text', 'meta']].map((protocols, index) => ({
    protocols,
    run: IS_MEMCACHED_HERE
      ? useRun(() => check(memcacheds[index]!(), '--destructive', ...protocols.map((name) => `--${name}`)))
      : () => expect.fail('memcached is not here'),
  }))

  it('finds no fault in the protocols of keepcached', async () => {
    const { code, told } = await destructive()
    expect(namesOf(told, 'failed')).to.deep.equal([])
    expect(namesOf(told, 'differs')).to.deep.equal([])
    expect(told.server.software).to.equal('keepcached')
    expect(code).to.equal(0)
  })

  it('leaves no keys behind, and does not touch other items', async () => {
    const { cas, casAfter } = await aroundAnItem()
    expect(casAfter).to.equal(cas)
    const { out } = await runTool(['stats', `127.0.0.1:${shared().port}`])
    expect(out)
      .to.match(/^curr_items 1$/m)
      .and.to.match(/^cmd_flush 0$/m)
  })

  describe(`of memcached ${MEMCACHED_VERSION}`, () => {
    needs(MEMCACHED)

    for (const { protocols, run } of ofMemcached)
      it(`finds no fault in ${protocols.join(' and ')}, and every difference that is listed for its version`, async function () {
        const { code, told } = await run()
        expect(namesOf(told, 'failed')).to.deep.equal([])
        expect(code).to.equal(0)
        if (told.server.version !== MEMCACHED_VERSION) this.skip()
        const played = new Set(told.checks.map(({ name }) => name))
        const tooNew = CHECKS.filter(
          ({ name, terms }) => played.has(name) && terms.since && !isSince(MEMCACHED_VERSION, terms.since[0]),
        )
        expect(tooNew).to.have.length.above(0)
        expect(namesOf(told, 'differs')).to.include.members(tooNew.map(({ name }) => name))
      })
  })
})

describe('check, of a server with logins', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-check-'))
  const users = join(folder, 'users')
  writeFileSync(users, 'alice:wonderland\n')
  after(() => rmSync(folder, { recursive: true }))
  const server = useServer({ options: ['-S'], environment: { MEMCACHED_SASL_PWDB: users } })

  it('logs in for each connection', async function () {
    this.slow(3000)
    const { code, told } = await check(server(), '--sasl', 'alice:wonderland', '--only', 'binary.s')
    expect(namesOf(told, 'failed')).to.deep.equal([])
    expect(namesOf(told, 'passed')).to.include('binary.session.sasl-list')
    expect(code).to.equal(0)
  })

  it('reports in one line that a login is refused', async () => {
    const { code, complaints } = await runTool([
      'check',
      `127.0.0.1:${server().port}`,
      '--sasl',
      'alice:wrong',
    ])
    expect({ code, complaints }).to.deep.equal({
      code: 77,
      complaints: ['the server refuses the login: Auth failure.'],
    })
  })
})
