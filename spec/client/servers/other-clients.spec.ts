import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import {
  createSelector,
  type Distribution,
} from '../../../lib/client/servers/distributions/create-selector.js'
import { crc } from '../../../lib/client/servers/distributions/hashes.js'
import { parseServers } from '../../../lib/client/servers/server-address.js'
import { Server } from '../../../lib/server/server.js'
import { needs, PYLIBMC, PYTHON_MEMCACHED } from '../../support/peers.js'
import { Random } from '../../support/random.js'
import { type Asked, chosenBy } from './other-clients.js'

/** The package has no types. */
interface NpmMemcached {
  readonly HashRing: { get(key: string): string }
  end(): void
}
type CreateMemcached = new (servers: string[]) => NpmMemcached
const Memcached = createRequire(import.meta.url)('memcached') as CreateMemcached

const KEY_COUNT = 100_000
/** Enough to notice a point of a ring that lies a ten-thousandth of it elsewhere. */
const FEWER_COUNT = 20_000

const random = new Random()
/** Of all lengths, some with characters of two, three and four bytes. */
const KEYS: readonly string[] = Array.from({ length: KEY_COUNT }, (_, index) => {
  const padding = 'é€😀'.slice(0, random.chance(0.1) ? 4 : 0) + 'x'.repeat(random.below(200))
  return `${random.pick(['user', 'session', 'page'])}:${index}:${padding}`
})

const FEWER_KEYS = KEYS.slice(0, FEWER_COUNT)

interface List {
  readonly title: string
  readonly addresses: readonly string[]
  readonly weights: readonly number[]
}

const LISTS: readonly List[] = [
  {
    title: 'servers of one weight, two of them on the default port',
    addresses: ['127.0.0.1:11211', '127.0.0.1:11212', 'localhost:11211', '127.0.0.1:1'],
    weights: [1, 1, 1, 1],
  },
  {
    title: 'servers with weights, one of them with an IPv6 address',
    addresses: ['10.0.0.1:11211', '[::1]:11212', 'cache.example:22122'],
    weights: [1, 2, 7],
  },
  {
    title: 'sockets',
    addresses: ['/var/run/first.sock', '/var/run/second.sock', '/tmp/third'],
    weights: [1, 1, 1],
  },
  {
    title: 'thirty servers with weights that do not divide evenly',
    addresses: Array.from({ length: 30 }, (_, index) => `10.0.1.${index}:11211`),
    weights: Array.from({ length: 30 }, (_, index) => 1 + ((index * 7) % 13)),
  },
]

interface Row {
  readonly distribution: Distribution
  readonly client: Asked['client']
  readonly behaviors: Readonly<Record<string, unknown>>
}

const ROWS: readonly Row[] = [
  { distribution: 'ketama', client: 'pylibmc', behaviors: { ketama_weighted: true } },
  { distribution: 'consistent', client: 'pylibmc', behaviors: { ketama: true } },
  { distribution: 'modulo', client: 'pylibmc', behaviors: { hash: 'crc' } },
]

const selectorOf = (distribution: Distribution, { addresses, weights }: List) =>
  createSelector(
    distribution,
    parseServers(addresses.map((address, index) => ({ address, weight: weights[index]! }))),
  )

/** As pylibmc writes them. */
const withWeights = ({ addresses, weights }: List): string[] =>
  addresses.map((address, index) => (address.startsWith('/') ? address : `${address}:${weights[index]}`))

describe('The selectors and pylibmc', function () {
  needs(PYLIBMC)
  this.slow(10_000)

  for (const { distribution, client, behaviors } of ROWS)
    for (const list of LISTS)
      it(`agree on 20,000 keys: ${distribution} and ${JSON.stringify(behaviors)}, ${list.title}`, async () => {
        const selector = selectorOf(distribution, list)
        const theirs = await chosenBy({ client, servers: withWeights(list), behaviors, keys: FEWER_KEYS })
        const ours = FEWER_KEYS.map((key) => selector.pick(key))
        expect(new Set(ours).size).equal(list.addresses.length)
        expect(FEWER_KEYS.filter((_, index) => ours[index] !== theirs[index])).deep.equal([])
      })
})

describe('ketama and the servers that pylibmc stores keys in', () => {
  needs(PYLIBMC)

  const servers: Server[] = []
  before(async () => {
    for (let count = 0; count < 4; count++) servers.push(await Server.start({ port: 0 }))
  })
  after(async () => {
    for (const server of servers) await server.stop()
  })

  it('agree, with weights', async () => {
    const keys = KEYS.slice(0, 2000).map((key) => key.slice(0, 100))
    const addresses = servers.map((server) => `127.0.0.1:${server.port}`)
    const list = { title: '', addresses, weights: [1, 3, 2, 1] }
    await chosenBy({
      client: 'pylibmc',
      servers: withWeights(list),
      behaviors: { ketama_weighted: true },
      keys,
      stored: true,
    })
    const selector = selectorOf('ketama', list)
    for (const [index, server] of servers.entries()) {
      const expected = keys.filter((key) => selector.pick(key) === index)
      expect(expected.length).above(0)
      expect(new Set(await keysIn(server.port, keys))).deep.equal(new Set(expected))
    }
  })
})

/** Which of the keys the server has. */
async function keysIn(port: number, keys: readonly string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const reply = text(socket)
  socket.write(`${keys.map((key) => `mg ${key} k q\r\n`).join('')}quit\r\n`)
  return [...(await reply).matchAll(/^HD k(\S+)/gm)].map(([, key]) => key!)
}

describe('modulo and python-memcached', () => {
  needs(PYTHON_MEMCACHED)

  it('agree on 100,000 keys but for those whose hash is 0', async () => {
    const [list] = LISTS
    const theirs = await chosenBy({ client: 'memcache', servers: list!.addresses, keys: KEYS })
    const selector = selectorOf('modulo', list!)
    const different = KEYS.filter((key, index) => selector.pick(key) !== theirs[index])
    expect(theirs.length).equal(KEY_COUNT)
    expect(different).deep.equal(KEYS.filter((key) => crc(key) === 0))
  })
})

describe('ketama and memcached of npm', () => {
  it('agree on all keys', () => {
    const [list] = LISTS
    const client = new Memcached([...list!.addresses])
    const selector = selectorOf('ketama', list!)
    const theirs = FEWER_KEYS.map((key) => client.HashRing.get(key))
    client.end()
    expect(new Set(theirs).size).equal(list!.addresses.length)
    expect(FEWER_KEYS.map((key) => list!.addresses[selector.pick(key)])).deep.equal(theirs)
  })
})
