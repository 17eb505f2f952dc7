import { expect } from 'chai'
import { Client, type ClientProtocol } from '../../../lib/client/index.js'
import { startMemcached } from '../../support/memcached.js'
import { MEMCACHED, needs } from '../../support/peers.js'
import { type ServerProcess, startServer, useProcess } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

const PROTOCOLS: readonly ClientProtocol[] = ['meta', 'binary', 'text']
const PATIENT = { timeout: 30_000 }

describe('locks with keepcached', () => specifyWith(() => startServer()))

describe('locks with memcached', () => {
  needs(MEMCACHED)
  specifyWith(() => startMemcached())
})

function specifyWith(start: () => Promise<ServerProcess>): void {
  const server = useProcess(start)
  for (const protocol of PROTOCOLS) describe(`over ${protocol}`, () => specifyProtocol(protocol, server))
}

function specifyProtocol(protocol: ClientProtocol, server: () => ServerProcess): void {
  let client: Client
  before(() => {
    client = new Client(`127.0.0.1:${server().port}`, { ...PATIENT, protocol })
  })
  beforeEach(() => client.flush())
  after(() => client.close())

  it('have one holder', async () => {
    const lock = (await client.lock('job', '1m'))!
    expect(await client.lock('job', '1m')).equal(undefined)
    expect(await lock.release()).equal(true)
    expect(await lock.release()).equal(false)
    expect(await client.lock('job', '1m')).not.equal(undefined)
  })

  it('have one holder among many that want one at once', async () => {
    const locks = await Promise.all(Array.from({ length: 20 }, () => client.lock('job', '1m')))
    expect(locks.filter((lock) => lock !== undefined).length).equal(1)
  })

  it('wait until the holder releases it', async () => {
    const first = (await client.lock('job', '1m'))!
    const second = client.lock('job', '1m', { wait: 60_000 })
    expect(await client.lock('job', '1m', { wait: 5 })).equal(undefined)
    await first.release()
    expect((await second)!.token > first.token).equal(true)
  })

  it('end waiting by a signal', async () => {
    await client.lock('job', '1m')
    const controller = new AbortController()
    const code = codeOf(client.lock('job', '1m', { wait: 60_000, signal: controller.signal }))
    controller.abort()
    expect(await code).equal('ABORTED')
  })

  it('have tokens that rise from holder to holder, and stay for one', async () => {
    let last = 0n
    for (let round = 0; round < 5; round++) {
      const lock = (await client.lock('job', '1m'))!
      expect(lock.token > last).equal(true)
      last = lock.token
      await lock.extend('2m')
      expect(lock.token).equal(last)
      await lock.release()
    }
  })

  it('are held longer after each extension', async () => {
    const lock = (await client.lock('job', 10))!
    expect(lock.remainingMs).within(1, 9000)
    expect(await lock.extend(100)).equal(true)
    expect(lock.remainingMs).within(60_000, 99_000)
    expect(await lock.extend(200)).equal(true)
    expect(await lock.release()).equal(true)
    expect(lock.remainingMs).equal(0)
    expect(await lock.extend(100)).equal(false)
  })

  it('can be extended, or released, after an extension whose reply was lost', async () => {
    for (const isExtended of [true, false]) {
      const lock = (await client.lock('job', 10))!
      const { value, cas } = (await client.gets<string>('job'))!
      await client.cas('job', value, cas, { ttl: 20 })
      if (isExtended) expect(await lock.extend(30)).equal(true)
      expect(await lock.release()).equal(true)
      expect(await client.get('job')).equal(undefined)
    }
  })

  it('that were lost are neither extended nor released', async () => {
    const lost = (await client.lock('job', '1m'))!
    await client.delete('job')
    expect(await lost.extend('1m')).equal(false)
    const other = (await client.lock('job', '1m'))!
    expect(await lost.extend('1m')).equal(false)
    expect(await lost.release()).equal(false)
    expect(await other.release()).equal(true)
  })

  it('are released at the end of a block', async () => {
    const use = async () => {
      await using lock = (await client.lock('job', '1m'))!
      expect(lock.remainingMs).above(0)
    }
    await use()
    expect(await client.get('job')).equal(undefined)
  })

  it('need a time after which they end', async () => {
    expect(await codeOf(client.lock('job', 0))).equal('BAD_TTL')
    expect(await codeOf(client.lock('job', 'soon'))).equal('BAD_TTL')
    expect(await codeOf(client.lock('job', new Date(0)))).equal('BAD_TTL')
    const lock = await client.lock('job', 60)
    expect(await codeOf(lock!.extend(new Date(0)))).equal('BAD_TTL')
    expect(await codeOf(client.lock('job', 5, { wait: -1 }))).equal('BAD_OPTION')
  })
}

describe('locks with a server that has no cas', () => {
  needs(MEMCACHED)
  const server = useProcess(() => startMemcached({ options: ['-C'] }))

  it('are an error: a lock could not be told from the lock of another', async () => {
    const client = new Client(`127.0.0.1:${server().port}`, PATIENT)
    try {
      expect(await codeOf(client.lock('job', '1m'))).equal('SERVER')
    } finally {
      await client.close()
    }
  })
})
