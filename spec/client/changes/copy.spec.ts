import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Client, type ClientOptions } from '../../../lib/client/index.js'
import { Random } from '../../support/random.js'
import { type ServerProcess, startServer } from '../../support/server.js'
import { withThreads } from '../../support/threads.js'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { type Copied, Follower } from './follower.js'

const PATIENT: ClientOptions = { timeout: 60_000 }
const KEY_COUNT = 500
const ROUND_COUNT = 6
/** Of each writer: together several times as many as a history of 64 KiB holds. */
const LONG_COUNT = 700

/** A server, who changes its items, and what stands between it and the follower. */
interface Place {
  readonly server: ServerProcess
  readonly writers: readonly Client[]
  readonly proxy: CuttingProxy
}

async function startPlace(threads: number): Promise<Place> {
  const server = await startServer(withThreads(threads, ['-m', '32', '--changes', '64k']))
  const writers = Array.from({ length: 3 }, () => new Client(`127.0.0.1:${server.port}`, PATIENT))
  return { server, writers, proxy: await CuttingProxy.start(server.port) }
}

async function stopPlace({ server, writers, proxy }: Place): Promise<void> {
  await Promise.all(writers.map((writer) => writer.close()))
  await proxy.stop()
  await server.stop()
}

const keyOf = (random: Random): string => `key:${random.below(KEY_COUNT)}`

function change(client: Client, random: Random): Promise<unknown> {
  const key = keyOf(random)
  const kind = random.below(1000)
  if (kind < 450) return client.set(key, { n: random.below(1e9), text: 'x'.repeat(random.below(200)) })
  if (kind < 550) return client.set(key, `text ${random.below(1e9)}`, { ttl: '1h' })
  if (kind < 650) return client.delete(key)
  if (kind < 750) return client.touch(key, '2h')
  if (kind < 850) return client.increment(`count:${random.below(5)}`, 1, { initial: 1 })
  if (kind < 950) return client.append(`log:${random.below(5)}`, '+')
  if (kind < 998) return client.add(`log:${random.below(5)}`, '-')
  return client.flush()
}

const changeAll = ({ writers }: Place, random: Random, count: number): Promise<unknown> =>
  Promise.all(
    writers.map(async (writer) => {
      for (let left = count; left > 0; left -= 100)
        await Promise.all(Array.from({ length: 100 }, () => change(writer, random)))
    }),
  )

/** While nothing is cut: the follower has read all before, and so it learns of these from no list. */
async function changeEachWay({ writers: [client], proxy }: Place): Promise<void> {
  proxy.bytesUntilCut = () => Number.POSITIVE_INFINITY
  proxy.cut()
  await client!.set('fence', 'first')
  await client!.touch('fence', '1h')
  await client!.delete('fence')
  await client!.flush()
  await client!.set('fence', 'last')
}

/** What the server has. */
async function contentsOf({ writers: [client] }: Place): Promise<Map<string, Copied>> {
  const keys = [
    'fence',
    ...Array.from({ length: KEY_COUNT }, (_, index) => `key:${index}`),
    ...['count', 'log'].flatMap((name) => Array.from({ length: 5 }, (_, index) => `${name}:${index}`)),
  ]
  const found = await Promise.all(keys.map(async (key) => [key, await client!.gets(key)] as const))
  return new Map(found.flatMap(([key, item]) => (item === undefined ? [] : [[key, item]])))
}

for (const [serverCount, threads] of [
  [1, 1],
  [1, 2],
  [2, 1],
] as const)
  describe(`A copy that a client makes of ${serverCount} servers of ${threads} threads`, () => {
    it('is equal to them, whatever happens to its connections', async function () {
      this.timeout(120_000)
      this.slow(30_000)
      const random = new Random()
      const places = await Promise.all(Array.from({ length: serverCount }, () => startPlace(threads)))
      const names = places.map(({ proxy }) => proxy.name)
      const follower = new Follower(new Client(names, PATIENT))
      for (const { proxy } of places)
        proxy.bytesUntilCut = () =>
          random.chance(0.7) ? 1 + random.below(200_000) : Number.POSITIVE_INFINITY
      try {
        await follower.until(() => follower.isComplete)
        for (let round = 0; round < ROUND_COUNT; round++) {
          // First, each server is unreachable once for longer than its history reaches back.
          const place = places[round] ?? random.pick(places)
          const isDown = round < serverCount || random.chance(0.3)
          place.proxy.isDown = isDown
          if (isDown || random.chance(0.3)) place.proxy.cut()
          const changing = places.map((each) => changeAll(each, random, isDown ? LONG_COUNT : 600))
          // A loop that begins needs its servers.
          if (!isDown && random.chance(0.4)) follower.restart()
          await sleep(random.below(20))
          if (random.chance(0.3)) place.proxy.cut()
          await Promise.all(changing)
          place.proxy.isDown = false
          for (const [index, { writers }] of places.entries()) {
            const fence = `${round} ${random.below(1e9)}`
            await writers[0]!.set('fence', fence)
            await follower.until(() => follower.copyOf(names[index]!).get('fence')?.value === fence)
          }
          await follower.until(() => follower.isComplete)
          for (const [index, each] of places.entries())
            expect(follower.copyOf(names[index]!), `seed ${random.seed}, round ${round}`).deep.equal(
              await contentsOf(each),
            )
        }
        await changeEachWay(places[0]!)
        await follower.until(() => follower.copyOf(names[0]!).get('fence')?.value === 'last')
        for (const kind of ['item', 'set', 'delete', 'touch', 'flush', 'position', 'gap'])
          expect(follower.counts.get(kind), `${kind}, seed ${random.seed}`).above(0)
        for (const { proxy } of places) expect(proxy.connectionCount).above(1)
        await follower.end()
      } finally {
        await Promise.all([follower.close(), ...places.map(stopPlace)])
      }
    })
  })
