import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Client, type ClientOptions } from 'memjs'
import { type ServerProcess, useServer } from '../support/server.js'

/** It logs every miss as an error, which is noise here. */
const QUIET = { log: () => undefined }

function open(server: ServerProcess, options: ClientOptions = {}): Client {
  return Client.create(`127.0.0.1:${server.port}`, { logger: QUIET, retries: 1, timeout: 5, ...options })
}

const text = async (client: Client, key: string) => (await client.get(key)).value?.toString()

describe('memjs', () => {
  const server = useServer()
  let client: Client
  beforeEach(async () => {
    client = open(server())
    await client.flush()
  })
  afterEach(() => client.close())

  it('gets what it has set, and null for what it has not', async () => {
    expect(await client.set('key', 'value', {})).to.equal(true)
    expect(await text(client, 'key')).to.equal('value')
    expect(await client.get('none')).to.deep.equal({ value: null, flags: null })
  })

  it('adds once, replaces an existing item, deletes once', async () => {
    expect(await client.replace('key', 'none', {})).to.equal(false)
    expect(await client.add('key', 'first', {})).to.equal(true)
    expect(await client.add('key', 'second', {})).to.equal(false)
    expect(await client.replace('key', 'third', {})).to.equal(true)
    expect(await text(client, 'key')).to.equal('third')
    expect(await client.delete('key')).to.equal(true)
    expect(await client.delete('key')).to.equal(false)
    expect(await text(client, 'key')).to.equal(undefined)
  })

  it('counts', async () => {
    expect(await client.increment('n', 5, { initial: 10 })).to.deep.equal({ success: true, value: 10 })
    expect(await client.increment('n', 5, {})).to.deep.equal({ success: true, value: 15 })
    expect(await client.decrement('n', 7, {})).to.deep.equal({ success: true, value: 8 })
    expect(await client.decrement('n', 9, {})).to.deep.equal({ success: true, value: 0 })
    await client.set('text', 'abc', {})
    const failure = await client.increment('text', 1, {}).catch((error: Error) => error.message)
    expect(failure).to.match(/INCREMENT/)
    expect(await text(client, 'text')).to.equal('abc')
  })

  it('appends, even when asked to prepend: version 1.3.2 sends APPEND for both', async () => {
    const refusal = await client.append('key', 'x').catch((error: Error) => error.message)
    expect(refusal).to.match(/not stored/)
    await client.set('key', 'first', {})
    expect(await client.append('key', ' second')).to.equal(true)
    expect(await client.prepend('key', ' third')).to.equal(true)
    expect(await text(client, 'key')).to.equal('first second third')
  })

  it('touches', async () => {
    expect(await client.touch('key', 100)).to.equal(false)
    await client.set('key', 'value', { expires: 100 })
    expect(await client.touch('key', 1000)).to.equal(true)
    expect(await text(client, 'key')).to.equal('value')
  })

  it('gets two thousand keys that it has set, all at once', async () => {
    const keys = Array.from({ length: 2000 }, (_, n) => `key ${n}`)
    const stored = await Promise.all(keys.map((key) => client.set(key, `value of ${key}`, {})))
    expect(stored.every(Boolean)).to.equal(true)
    const values = await Promise.all(keys.map((key) => text(client, key)))
    expect(values).to.deep.equal(keys.map((key) => `value of ${key}`))
  })

  it('gets a value of a megabyte, and loses one that is too large', async () => {
    const large = Buffer.alloc(1024 * 1024 - 100, 'large')
    expect(await client.set('key', large, {})).to.equal(true)
    expect((await client.get('key')).value?.equals(large)).to.equal(true)
    const refusal = await client.set('key', Buffer.alloc(1024 * 1024, 'x'), {}).catch((error: Error) => error)
    expect(refusal).to.not.equal(true)
    expect(await text(client, 'key')).to.equal(undefined)
  })

  it('flushes', async () => {
    await client.set('key', 'value', {})
    expect(await client.flush()).to.deep.equal({ [`127.0.0.1:${server().port}`]: true })
    expect(await text(client, 'key')).to.equal(undefined)
  })

  it('reads statistics and resets them', async () => {
    await client.set('key', 'value', {})
    await client.get('key')
    const reset = await new Promise((resolve) =>
      client.resetStats((_error, _server, stats) => resolve(stats)),
    )
    expect(reset).to.deep.equal({})
    await client.get('key')
    const stats = await new Promise<Record<string, string>>((resolve) =>
      client.stats((_error, _server, all) => resolve(all)),
    )
    expect(stats).to.deep.include({ cmd_get: '1', get_hits: '1', cmd_set: '0', pid: `${server().pid}` })
  })

  it('works with credentials that a server without SASL does not ask for', async () => {
    const other = open(server(), { username: 'user', password: 'password' })
    expect(await other.set('key', 'value', {})).to.equal(true)
    expect(await text(other, 'key')).to.equal('value')
    other.close()
  })
})

describe('memjs with SASL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-memjs-'))
  const accounts = join(folder, 'accounts')
  writeFileSync(accounts, 'user:secret\n')
  after(() => rmSync(folder, { recursive: true }))
  const server = useServer({ options: ['-S'], environment: { MEMCACHED_SASL_PWDB: accounts } })

  it('works with the right password, in twenty clients at once', async () => {
    const clients = Array.from({ length: 20 }, () => open(server(), { username: 'user', password: 'secret' }))
    const stored = await Promise.all(clients.map((client, n) => client.set(`key ${n}`, `${n}`, {})))
    expect(stored.every(Boolean)).to.equal(true)
    expect(await Promise.all(clients.map((client, n) => text(client, `key ${n}`)))).to.deep.equal(
      clients.map((_, n) => `${n}`),
    )
    for (const client of clients) client.close()
  })

  for (const [what, credentials] of [
    ['a wrong password', { username: 'user', password: 'wrong' }],
    ['no credentials', {}],
  ] as const)
    it(`is refused, with ${what}`, async () => {
      const client = open(server(), credentials)
      const failure = await client.get('key').catch((reason: unknown) => reason)
      expect(String(failure)).to.match(/authentication failed/)
      client.close()
    })
})
