import { expect } from 'chai'
import type { Change } from '../../lib/feed/change.js'
import type { ChangesOptions } from '../../lib/feed/changes-options.js'
import { SharedCount } from '../../lib/feed/history/history.js'
import { Server } from '../../lib/server/server.js'
import { Connection } from '../support/connection.js'
import { summaryOf } from '../support/feed-driver.js'
import { pretendCores } from '../support/threads.js'
import { ask } from '../support/watcher.js'

const MEGABYTE = 1024 * 1024

for (const workers of [1, 2])
  describe(`A program that follows the changes of its server with ${workers} workers`, () => {
    let server: Server
    let client: Connection

    before(() => pretendCores(workers))

    beforeEach(async () => {
      server = await Server.start({ port: 0, memoryMegabytes: 32, workers, changes: MEGABYTE })
      client = await Connection.open({ port: server.port, host: server.host })
    })

    afterEach(async () => {
      client.close()
      await server.stop()
    })

    /** The next changes, and the end of the loop. */
    async function nextOf(changes: AsyncIterable<Change>, count: number): Promise<Change[]> {
      const taken: Change[] = []
      for await (const change of changes) if (taken.push(change) === count) break
      return taken
    }

    it('is told of them, with their values', async () => {
      await ask(client, 'set before 0 0 3\r\nold', 'STORED')
      const changes = server.changes({ initial: true, values: true, kinds: ['set', 'delete'] })
      const listed = [(await changes.next()).value, (await changes.next()).value]
      expect(listed.map(summaryOf)).deep.equal(['item before size=3 ttl=-1 old', 'position'])
      await ask(client, `set key 0 0 100000\r\n${'x'.repeat(100_000)}`, 'STORED')
      await ask(client, 'touch key 10', 'TOUCHED')
      const [set] = await nextOf(changes, 1)
      expect([set!.kind, set!.key, set!.size]).deep.equal(['set', 'key', 100_000])
      expect(set!.value === undefined || set!.value.equals(Buffer.alloc(100_000, 'x'))).equal(true)
      expect((await changes.next()).done).equal(true)
    })

    it('resumes where it was', async () => {
      const [first] = await nextOf(server.changes({ prefix: 'a' }), 1)
      for (const key of ['a1', 'b1', 'a2']) await ask(client, `set ${key} 0 0 1\r\n1`, 'STORED')
      const rest = await nextOf(server.changes({ prefix: 'a', since: first!.position! }), 2)
      expect(rest.map(({ key }) => key)).deep.equal(['a1', 'a2'])
    })

    it('is told that the server has stopped, or by its own signal to stop', async () => {
      const controller = new AbortController()
      const aborted = nextOf(server.changes({ signal: controller.signal }), 2).catch(
        (error: Error) => error.message,
      )
      const ended = nextOf(server.changes(), 2)
      setImmediate(() => controller.abort(new Error('enough')))
      expect(await aborted).equal('enough')
      await server.stop()
      expect((await ended).map(summaryOf)).deep.equal(['position'])
    })

    it('is told the reason of its signal once, even if that came between two steps', async () => {
      const controller = new AbortController()
      const changes = server.changes({ signal: controller.signal })
      expect(summaryOf((await changes.next()).value)).equal('position')
      controller.abort(new Error('enough'))
      expect(await changes.next().catch((error: Error) => error.message)).equal('enough')
      expect((await changes.next()).done).equal(true)
      const aborted = server.changes({ signal: controller.signal })
      expect(await aborted.next().catch((error: Error) => error.message)).equal('enough')
    })

    it('can end while it waits, and before it begins', async () => {
      const changes = server.changes({ heartbeatSeconds: 0 })
      expect(summaryOf((await changes.next()).value)).equal('position')
      const waiting = [changes.next(), changes.next()]
      expect(await changes.return!()).deep.equal({ value: undefined, done: true })
      for (const step of [...waiting, changes.next()]) expect((await step).done).equal(true)
      const unused = server.changes()
      await unused.return!()
      expect((await unused.next()).done).equal(true)
      expect(subscriberCount()).equal(0)
    })

    it('may ask for several changes at once', async () => {
      const changes = server.changes()
      const asked = [changes.next(), changes.next(), changes.next()]
      expect(summaryOf((await asked[0]!).value)).equal('position')
      for (const key of ['a', 'b']) await ask(client, `set ${key} 0 0 1\r\n1`, 'STORED')
      expect([(await asked[1]!).value.key, (await asked[2]!).value.key]).deep.equal(['a', 'b'])
      await changes.return!()
    })

    const subscriberCount = (): number => {
      const feed = server['worker'].feed!
      return feed['history'].countOf(SharedCount.SUBSCRIBERS)
    }
  })

describe('A program that asks for changes with options that mean nothing', () => {
  let server: Server
  before(async () => {
    server = await Server.start({ port: 0, memoryMegabytes: 8, changes: MEGABYTE })
  })
  after(() => server.stop())

  const wrong: readonly (readonly [options: object, message: string])[] = [
    [{ since: 'here' }, 'since: "here" is no position'],
    [{ since: 5 }, 'since: 5 is no position'],
    [{ sinec: 'x' }, 'sinec: there is no such option'],
    [{ prefix: 5 }, 'prefix: it is neither text nor bytes'],
    [{ prefix: ['a'] }, 'prefix: it is neither text nor bytes'],
    [{ kinds: 'set' }, 'kinds: it is no array'],
    [{ kinds: ['set', 'sets'] }, 'kinds: "sets" is no kind of change'],
    [{ heartbeatSeconds: -1 }, 'heartbeatSeconds: -1 is no time'],
    [{ heartbeatSeconds: Number.NaN }, 'heartbeatSeconds: NaN is no time'],
    [{ signal: {} }, 'signal: it is no AbortSignal'],
  ]
  for (const [options, message] of wrong)
    it(`is refused: ${message}`, () => {
      expect(() => server.changes(options as ChangesOptions)).throw(message)
    })
})

describe('A program whose server does not record changes', () => {
  it('cannot follow them', async () => {
    const server = await Server.start({ port: 0, memoryMegabytes: 8 })
    expect(() => server.changes())
      .throw('changes are off')
      .with.property('code', 'ERR_CHANGES_OFF')
    await server.stop()
  })
})
