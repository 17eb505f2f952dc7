import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Client, ClientError, type ClientOptions, type ClientProtocol } from '../../../lib/client/index.js'
import { startMemcached } from '../../support/memcached.js'
import { MEMCACHED, needs } from '../../support/peers.js'
import { freePort, type ServerProcess, startServer, useProcess } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

const PROTOCOLS: readonly ClientProtocol[] = ['meta', 'binary', 'text']
const PATIENT = { timeout: 30_000 }

describe('getOrSet with keepcached', () => specifyWith(() => startServer()))

describe('getOrSet with memcached', () => {
  needs(MEMCACHED)
  specifyWith(() => startMemcached())
})

function specifyWith(start: () => Promise<ServerProcess>): void {
  const server = useProcess(start)
  for (const protocol of PROTOCOLS) describe(`over ${protocol}`, () => specifyProtocol(protocol, server))
}

/** A load that a spec ends by hand. */
class Gate {
  count = 0
  end: (value: unknown) => void = () => {}
  fail: (error: Error) => void = () => {}
  /** Resolves when a load has begun. */
  readonly begun: Promise<void>
  private tellBegun: () => void = () => {}

  constructor() {
    this.begun = new Promise((resolve) => {
      this.tellBegun = resolve
    })
  }

  readonly load = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      this.count++
      this.end = resolve
      this.fail = reject
      this.tellBegun()
    })
}

const never = (): never => {
  throw new Error('a second load')
}

function specifyProtocol(protocol: ClientProtocol, server: () => ServerProcess): void {
  const clients: Client[] = []
  const connect = (options: ClientOptions = {}): Client => {
    const client = new Client(`127.0.0.1:${server().port}`, { ...PATIENT, protocol, ...options })
    clients.push(client)
    return client
  }
  let client: Client
  /** As if of another process: it joins no calls of the first. */
  let other: Client
  beforeEach(async () => {
    client = connect()
    other = connect()
    await client.flush()
  })
  afterEach(() => Promise.all(clients.splice(0).map((each) => each.close())))

  it('loads and stores a missing value, and returns it without a load from then on', async () => {
    expect(await client.getOrSet('a', '1h', (key) => ({ loaded: key }))).deep.equal({ loaded: 'a' })
    expect(await client.getOrSet('a', '1h', never)).deep.equal({ loaded: 'a' })
    expect(await other.get('a')).deep.equal({ loaded: 'a' })
  })

  it('leaves the load to one caller for more than 30 days', async () => {
    expect(await client.getOrSet('a', '1h', () => 'loaded', { lockTtl: '60d' })).equal('loaded')
    expect(await other.getOrSet('a', '1h', never)).equal('loaded')
  })

  it('loads a value anew more than 30 days before its end', async () => {
    await client.set('a', 'old', { ttl: '40d' })
    expect(await client.getOrSet('a', '60d', () => 'new', { refreshBefore: '50d' })).equal('old')
    for (let tries = 0; tries < 200 && (await other.get('a')) === 'old'; tries++) await sleep(5)
    expect(await other.get('a')).equal('new')
  })

  it('stores values that are empty or false', async () => {
    for (const [index, value] of ['', 0, false, null].entries()) {
      expect(await client.getOrSet(`k${index}`, 60, () => value)).equal(value)
      expect(await other.getOrSet(`k${index}`, 60, never)).equal(value)
    }
  })

  it('loads once for many callers of one process', async () => {
    const gate = new Gate()
    const calls = Array.from({ length: 50 }, () => client.getOrSet('a', 60, gate.load))
    await gate.begun
    gate.end(7)
    expect(new Set(await Promise.all(calls))).deep.equal(new Set([7]))
    expect(gate.count).equal(1)
  })

  it('loads once for many processes: the others wait', async () => {
    const gate = new Gate()
    const first = client.getOrSet('a', 60, gate.load)
    await gate.begun
    const others = [other, connect(), connect()].map((each) => each.getOrSet('a', 60, never))
    await sleep(30)
    gate.end('value')
    expect(await Promise.all([first, ...others])).deep.equal(['value', 'value', 'value', 'value'])
  })

  it('passes an error of the load to its callers, and lets the next one load', async () => {
    const gate = new Gate()
    const calls = [client.getOrSet('a', 60, gate.load), client.getOrSet('a', 60, gate.load)]
    const errors = Promise.allSettled(calls)
    await gate.begun
    const waiting = other.getOrSet('a', 60, () => 'of the other')
    gate.fail(new Error('no database'))
    expect((await errors).map((each) => (each as PromiseRejectedResult).reason.message)).deep.equal([
      'no database',
      'no database',
    ])
    expect(await waiting).equal('of the other')
  })

  it('names a value that cannot be stored, and lets the next one load', async () => {
    expect(await codeOf(client.getOrSet('a', 60, () => () => 1))).equal('BAD_VALUE')
    expect(await other.getOrSet('a', 60, () => 2)).equal(2)
  })

  it('stores nothing if nothing was loaded', async () => {
    expect(await client.getOrSet('a', 60, () => undefined)).equal(undefined)
    expect(await other.get('a')).equal(undefined)
    expect(await other.getOrSet('a', 60, () => 2)).equal(2)
  })

  it('stores nothing if its ttl has passed already', async () => {
    expect(await client.getOrSet('a', new Date(0), () => 1)).equal(1)
    expect(await other.get('a')).equal(undefined)
    expect(await other.getOrSet('a', 60, () => 2)).equal(2)
  })

  it('lets another one load when a load takes longer than its lock, and keeps the later value', async () => {
    const gate = new Gate()
    const slow = client.getOrSet('a', 60, gate.load, { lockTtl: 1 })
    await gate.begun
    expect(await other.getOrSet('a', 60, () => 'later')).equal('later')
    gate.end('earlier')
    expect(await slow).equal('earlier')
    expect(await other.get('a')).equal('later')
  })

  if (protocol !== 'meta')
    it('leaves the lock of another one alone when its own has expired', async () => {
      const first = new Gate()
      const slow = client.getOrSet('a', 60, first.load, { lockTtl: 1 })
      await first.begun
      const second = new Gate()
      const later = other.getOrSet('a', 60, second.load)
      await second.begun
      first.end('earlier')
      expect(await slow).equal('earlier')
      expect(await client.get('a:lock')).equal(1)
      second.end('later')
      expect(await later).equal('later')
      expect(await client.get('a:lock')).equal(undefined)
    })

  it('does not store over a value that was set during the load', async () => {
    const gate = new Gate()
    const call = client.getOrSet('a', 60, gate.load)
    await gate.begun
    await other.set('a', 'newer')
    gate.end('older')
    expect(await call).equal('older')
    expect(await other.get('a')).equal('newer')
  })

  it('fails a caller by its own deadline and signal; the load goes on', async () => {
    const gate = new Gate()
    const patient = client.getOrSet('a', 60, gate.load)
    await gate.begun
    const controller = new AbortController()
    const aborted = codeOf(client.getOrSet('a', 60, never, { signal: controller.signal }))
    controller.abort()
    expect(await aborted).equal('ABORTED')
    expect(await codeOf(client.getOrSet('a', 60, never, { deadline: 20 }))).equal('TIMEOUT')
    expect(await codeOf(other.getOrSet('a', 60, never, { deadline: 20 }))).equal('TIMEOUT')
    gate.end(1)
    expect(await patient).equal(1)
  })

  it('ends when the client is closed, although a load is under way', async () => {
    const gate = new Gate()
    const codes = [client.getOrSet('a', 60, gate.load), client.getOrSet('a', 60, never)].map(codeOf)
    await gate.begun
    const waiting = codeOf(other.getOrSet('a', 60, never))
    await Promise.all([client.close(), other.close()])
    expect(await Promise.all([...codes, waiting])).deep.equal(['CLOSED', 'CLOSED', 'CLOSED'])
    gate.end(1)
    expect(await codeOf(client.getOrSet('b', 60, never))).equal('CLOSED')
  })

  it('returns an old value to all while one caller loads it anew', async () => {
    // The whole life of the item, and more.
    const options = { refreshBefore: '2h' }
    await client.getOrSet('a', '1h', () => 'old', options)
    // Over binary and text the value counts as fresh for one second.
    if (protocol !== 'meta') await client.delete('a:fresh')
    const gate = new Gate()
    expect(await client.getOrSet('a', '1h', gate.load, options)).equal('old')
    await gate.begun
    expect(await client.getOrSet('a', '1h', never, options)).equal('old')
    expect(await other.getOrSet('a', '1h', never, options)).equal('old')
    gate.end('new')
    while ((await other.get('a')) !== 'new') await sleep(1)
    expect(gate.count).equal(1)
  })

  it('returns a stale value after its ttl for as long as it is told', async function () {
    this.slow(10_000)
    const options = { staleFor: '1h' }
    await client.getOrSet('a', 1, () => 'old', options)
    const gate = new Gate()
    while (gate.count === 0) {
      expect(await client.getOrSet('a', 60, gate.load, options)).equal('old')
      await sleep(20)
    }
    expect(await other.getOrSet('a', 60, never, options)).equal('old')
    gate.end('new')
    while ((await other.get('a')) !== 'new') await sleep(1)
  })

  it('tells why a value could not be loaded anew, and lets the next one try', async () => {
    // The whole life of the item, and more.
    const options = { refreshBefore: '2h' }
    await client.getOrSet('a', '1h', () => 'old', options)
    if (protocol !== 'meta') await client.delete('a:fresh')
    const failed = new Promise<Error>((resolve) => {
      const fail = () => Promise.reject(new Error('no database'))
      void client.getOrSet('a', '1h', fail, { ...options, onRefreshError: resolve })
    })
    expect((await failed).message).equal('no database')
    const gate = new Gate()
    expect(await other.getOrSet('a', '1h', gate.load, options)).equal('old')
    await gate.begun
    gate.end('new')
  })

  it('refuses wrong arguments before anything is loaded', async () => {
    expect(await codeOf(client.getOrSet('', 60, never))).equal('BAD_KEY')
    expect(await codeOf(client.getOrSet('a', -1, never))).equal('BAD_TTL')
    expect(await codeOf(client.getOrSet('a', 0, never, { staleFor: 5 }))).equal('BAD_OPTION')
    expect(await codeOf(client.getOrSet('a', 60, never, { lockTtl: 0 }))).equal('BAD_OPTION')
    expect(await codeOf(client.getOrSet('a', 60, never, { deadline: 0 }))).equal('BAD_OPTION')
  })

  if (protocol === 'meta')
    it('shows nobody the empty item that stands for a load under way', async () => {
      const gate = new Gate()
      const call = client.getOrSet('a', 60, gate.load)
      await gate.begun
      expect(await other.get('a')).equal(undefined)
      expect((await other.getMany(['a'])).size).equal(0)
      gate.end(1)
      expect(await call).equal(1)
    })

  if (protocol === 'meta')
    it('does not store what was loaded before a deletion', async () => {
      const gate = new Gate()
      const call = client.getOrSet('a', 60, gate.load)
      await gate.begun
      await other.delete('a')
      gate.end('outdated')
      expect(await call).equal('outdated')
      expect(await other.get('a')).equal(undefined)
    })

  if (protocol === 'meta')
    it('takes keys in base64', async () => {
      const encoded = connect({ longKeys: 'base64' })
      expect(await encoded.getOrSet('two words', 60, () => 1)).equal(1)
      expect(await encoded.getOrSet('two words', 60, never)).equal(1)
    })
}

describe('getOrSet with a server that has no cas', () => {
  needs(MEMCACHED)
  const server = useProcess(() => startMemcached({ options: ['-C'] }))

  for (const protocol of PROTOCOLS)
    it(`stores what was loaded, also over an old value: over ${protocol}`, async () => {
      const client = new Client(`127.0.0.1:${server().port}`, {
        ...PATIENT,
        protocol,
        prefix: `${protocol}:`,
      })
      const options = { refreshBefore: '2h' }
      try {
        await client.getOrSet('a', '1h', () => 'old', options)
        await client.delete('a:fresh')
        expect(await client.getOrSet('a', '1h', () => 'new', options)).equal('old')
        while ((await client.get('a')) !== 'new') await sleep(1)
        expect(
          await codeOf(client.getOrSet('b', '1h', () => Promise.reject(new ClientError('SERVER', 'x')))),
        ).equal('SERVER')
        expect(await client.getOrSet('b', '1h', () => 1)).equal(1)
      } finally {
        await client.close()
      }
    })
})

describe('getOrSet without servers', () => {
  it('loads, or fails if it is told so', async () => {
    const client = new Client(`127.0.0.1:${await freePort()}`)
    try {
      expect(await client.getOrSet('a', 60, () => 1)).equal(1)
      expect(await codeOf(client.getOrSet('a', 60, never, { whenDown: 'fail' }))).equal('UNREACHABLE')
    } finally {
      await client.close()
    }
  })

  it('uses locks with a server that does not know meta commands', async () => {
    const items = new Set<string>()
    const server = await ScriptedServer.start(replyToLines((line) => replyOfOldServer(line, items)))
    const client = new Client(server.name, PATIENT)
    try {
      expect(await client.getOrSet('a', 60, () => 1)).equal(1)
      expect([...items]).deep.equal(['add a:lock', 'add a', 'delete a:lock'])
    } finally {
      await client.close()
      await server.stop()
    }
  })
})

/** Has no items, knows the old commands, and keeps what changes it was sent. */
function replyOfOldServer(line: string, changes: Set<string>): string | undefined {
  const [verb, key] = line.split(' ')
  if (verb === 'version') return 'VERSION 1.4.0\r\n'
  if (verb === 'gets') return 'END\r\n'
  if (verb === 'add' || verb === 'delete') changes.add(`${verb} ${key}`)
  if (verb === 'add') return 'STORED\r\n'
  if (verb === 'delete') return 'DELETED\r\n'
  return verb === '1' ? undefined : 'ERROR\r\n'
}
