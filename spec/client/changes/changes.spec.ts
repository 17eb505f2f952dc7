import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  type ChangesOptions,
  Client,
  type ClientChange,
  type ClientOptions,
} from '../../../lib/client/index.js'
import { Server } from '../../../lib/index.js'
import { startMemcached } from '../../support/memcached.js'
import { MEMCACHED, needs } from '../../support/peers.js'
import { type ServerProcess, startServer } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'
import { expectConnections } from '../support/connection-count.js'
import { take } from './take-changes.js'

const PATIENT: ClientOptions = { timeout: 30_000 }
const HISTORY = '0123456789abcdef'

/** Of this process, in which the server is as well. */
const socketCount = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

const summaryOf = ({ kind, key, value }: ClientChange) => [kind, key, value]

describe('The changes of a client', () => {
  let server: Server
  let client: Client

  beforeEach(async () => {
    server = await Server.start({ port: 0, memoryMegabytes: 16, changes: 256 * 1024 })
    client = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, prefix: 'shop:' })
  })

  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  it('are the items that there are, and then what changes, in order', async () => {
    const other = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, longKeys: 'base64' })
    await client.set('a', { n: 1 }, { ttl: 100 })
    await other.set('elsewhere', 1)
    const seen: ClientChange[] = []
    for await (const change of client.changes({ initial: true, values: true })) {
      seen.push(change)
      if (change.kind === 'position') {
        await client.set('b', 7n)
        await client.touch('a', 0)
        await other.delete('elsewhere')
        await other.set(Buffer.from('shop:\xff ', 'latin1'), 'bytes')
        await client.delete('b')
        await client.flushPrefix('b:')
        await other.flushPrefix('shop')
        await other.flushPrefix('elsewhere')
        await client.flush()
      }
      if (change.kind === 'flush') break
    }
    expect(seen.map(summaryOf)).deep.equal([
      ['item', 'a', { n: 1 }],
      ['position', undefined, undefined],
      ['set', 'b', 7n],
      ['touch', 'a', undefined],
      ['set', Buffer.from('\xff ', 'latin1'), 'bytes'],
      ['delete', 'b', undefined],
      ['flush_prefix', undefined, undefined],
      ['flush_prefix', undefined, undefined],
      ['flush', undefined, undefined],
    ])
    expect(seen.slice(-3).map(({ prefix }) => prefix)).deep.equal(['b:', '', undefined])
    expect(seen[0]).include({ size: 7, server: `127.0.0.1:${server.port}`, error: undefined })
    expect(seen[0]!.ttl).within(1, 100)
    expect(seen[3]).include({ ttl: -1, cas: seen[0]!.cas })
    expect(typeof seen[0]!.cas).equal('bigint')
    await other.close()
  })

  it('begin with a position, behind which they can be resumed', async () => {
    const [first] = await take(client, 1)
    expect(first!.kind).equal('position')
    await client.set('a', 'one')
    await client.set('b', 'two')
    const changes = await take(client, 2, { since: first!.position, initial: true })
    expect(changes.map(summaryOf)).deep.equal([
      ['set', 'a', undefined],
      ['set', 'b', undefined],
    ])
    const [last] = await take(client, 1, { since: changes[0]!.position })
    expect(last!.key).equal('b')
  })

  it('of a position that cannot be resumed begin with a gap', async () => {
    await client.set('a', 'one')
    const since = `${HISTORY}.3`
    const changes = await take(client, 3, { since, initial: true, values: true })
    expect(changes.map(summaryOf)).deep.equal([
      ['gap', undefined, undefined],
      ['item', 'a', 'one'],
      ['position', undefined, undefined],
    ])
    expect(changes[0]!.after).equal(since)
    expect(changes.map(({ position }) => typeof position)).deep.equal(['undefined', 'undefined', 'string'])
  })

  it('are only those of a prefix', async () => {
    await client.set('a:1', 1)
    await client.set('b:1', 1)
    for (const prefix of ['b:', Buffer.from('b:')]) {
      const changes = await take(client, 2, { initial: true, prefix })
      expect(changes.map(({ kind, key }) => [kind, key])).deep.equal([
        ['item', 'b:1'],
        ['position', undefined],
      ])
    }
  })

  it('have an error in place of a value that cannot be decoded', async () => {
    await client.meta('ms', 'bad', { flags: 'F2', value: '{' })
    const [bad] = await take(client, 1, { initial: true, values: true })
    expect(bad!.value).equal(undefined)
    expect(bad!.error?.code).equal('BAD_VALUE')
  })

  it('leave no socket behind when the loop is left', async () => {
    await take(client, 1)
    await expectConnections(client, 1)
    const failed = (async () => {
      for await (const _ of client.changes()) throw new Error('of the body')
    })()
    expect(await failed.catch(({ message }: Error) => message)).equal('of the body')
    await expectConnections(client, 1)
  })

  it('open no connection before the first step', () => {
    const before = socketCount()
    const loop = client.changes()
    expect(socketCount()).equal(before)
    const first = loop.next()
    return Promise.all([first, loop.return!()])
  })

  it('end with the signal, as a call does', async () => {
    const controller = new AbortController()
    const waiting = take(client, 2, { signal: controller.signal })
    await client.get('a')
    controller.abort('enough')
    expect(await codeOf(waiting)).equal('ABORTED')
    expect(await codeOf(take(client, 1, { signal: controller.signal }))).equal('ABORTED')
  })

  it('end when the client is closed', async () => {
    const waiting = take(client, 9)
    await client.get('a')
    await client.close()
    expect((await waiting).length).below(9)
    expect(await take(client, 1)).deep.equal([])
  })

  it('end while a step waits, if the iterator is asked to return', async () => {
    const loop = client.changes()
    await loop.next()
    const [next, returned] = await Promise.all([loop.next(), loop.return!()])
    expect([next.done, returned.done]).deep.equal([true, true])
  })

  it('refuse wrong options', () => {
    for (const options of [
      { since: 'yesterday' },
      { prefix: 7 },
      { prefix: 'x'.repeat(300) },
      { from: 1 },
    ] as unknown as ChangesOptions[])
      expect(() => client.changes(options))
        .throw()
        .with.property('code', 'BAD_OPTION')
  })

  it('continue on a new connection, without one lost or doubled, when the server comes back', async () => {
    const { port } = server
    const seen: ClientChange[] = []
    const [error] = await Promise.all([
      (async () => {
        for await (const change of client.changes({ initial: true })) {
          seen.push(change)
          if (change.kind === 'position' && seen.length === 1) {
            await server.stop()
            server = await Server.start({ port, memoryMegabytes: 16, changes: 256 * 1024 })
            const other = new Client(`127.0.0.1:${port}`, PATIENT)
            await other.set('shop:new', 1)
            await other.close()
          } else if (change.kind === 'item' || change.kind === 'set') return change.key
        }
        return undefined
      })(),
    ])
    expect(error).equal('new')
    expect(seen.map(({ kind }) => kind).slice(0, 2)).deep.equal(['position', 'gap'])
  })
})

describe('The changes of a client cannot be followed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-changes-'))
  const passwords = join(folder, 'passwords')
  writeFileSync(passwords, 'ann:se cret\n')
  after(() => rmSync(folder, { recursive: true }))

  async function codeFrom(server: ServerProcess, options: ClientOptions = {}): Promise<string> {
    const client = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, ...options })
    try {
      return await codeOf(take(client, 1))
    } finally {
      await client.close()
      await server.stop()
    }
  }
  const credentials = { user: 'ann', password: 'se cret' }
  const environment = { MEMCACHED_SASL_PWDB: passwords }

  it('while they are off', async () => {
    expect(await codeFrom(await startServer())).equal('UNSUPPORTED')
  })

  it('with -W', async () => {
    expect(await codeFrom(await startServer({ options: ['--changes', '1m', '-W'] }))).equal('UNSUPPORTED')
  })

  it('with -S, which allows only binary', async () => {
    const given = { options: ['--changes', '1m', '-S'], environment }
    expect(await codeFrom(await startServer(given), { credentials })).equal('UNSUPPORTED')
  })

  it('of a port for binary alone', async () => {
    const given = { options: ['--changes', '1m', '-B', 'binary'] }
    expect(await codeFrom(await startServer(given))).equal('UNSUPPORTED')
  })

  it('without the login, or with a wrong one', async () => {
    const given = { options: ['--changes', '1m', '-Y', passwords] }
    expect(await codeFrom(await startServer(given))).equal('AUTH')
    const wrong = { ...credentials, password: 'x' }
    expect(await codeFrom(await startServer(given), { credentials: wrong, protocol: 'text' })).equal('AUTH')
  })

  it('but with the right login', async () => {
    const server = await startServer({ options: ['--changes', '1m', '-Y', passwords] })
    const client = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, credentials, protocol: 'meta' })
    const [first] = await take(client, 1)
    expect(first!.kind).equal('position')
    await client.close()
    await server.stop()
  })

  it('of a server that is not there', async () => {
    const client = new Client('127.0.0.1:1', PATIENT)
    expect(await codeOf(take(client, 1))).equal('UNREACHABLE')
    await client.close()
  })
})

describe('The changes of memcached', () => {
  needs(MEMCACHED)

  it('cannot be followed, and its keys cannot be waited for', async () => {
    const memcached = await startMemcached()
    const client = new Client(`127.0.0.1:${memcached.port}`, PATIENT)
    expect(await codeOf(take(client, 1))).equal('UNSUPPORTED')
    expect(await codeOf(client.waitFor('k'))).equal('UNSUPPORTED')
    await client.close()
    await memcached.stop()
  })
})
