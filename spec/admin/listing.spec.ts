/** Lists of keys below a prefix, page by page. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { ADMIN_LISTING_COUNT_MAX } from '../../lib/request/limits.js'
import { type AdminServer, errorOf, useAdmin } from '../support/admin.js'
import { oneMemory } from '../support/memories.js'

interface Item {
  readonly key?: string
  readonly key64?: string
  readonly size: number
  readonly bytes: number
  readonly ttl: number
  readonly lastAccess: number
  readonly fetched: boolean
  readonly flags: number
  readonly cas: string
}

interface Page {
  readonly items: readonly Item[]
  readonly cursor: string | null
}

async function pageOf(admin: AdminServer, parameters: Record<string, string>): Promise<Page> {
  const reply = await admin.send(`/v1/items?${new URLSearchParams(parameters)}`)
  expect(reply.status, reply.text).to.equal(200)
  return JSON.parse(reply.text)
}

/** All keys below a prefix, in the order in which they are listed, and the lengths of the pages. */
async function listAll(
  admin: AdminServer,
  prefix: string,
  limit: number,
  between: () => Promise<void> = async () => undefined,
): Promise<{ keys: string[]; lengths: number[] }> {
  const keys: string[] = []
  const lengths: number[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await pageOf(admin, {
      prefix,
      limit: `${limit}`,
      ...(cursor === '' ? {} : { cursor }),
    })
    keys.push(...page.items.map(({ key = '' }) => key))
    lengths.push(page.items.length)
    cursor = page.cursor
    await between()
  }
  return { keys, lengths }
}

for (const workers of [1, 2])
  describe(`lists of keys over HTTP with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ workers })

    async function store(keys: readonly string[]): Promise<void> {
      const connection = await admin().connect()
      const lines = keys.map((key) => `set ${key} 0 0 5 noreply\r\nvalue\r\n`)
      connection.send(Buffer.from(`${lines.join('')}mn\r\n`))
      await connection.receiveUntil(Buffer.from('MN\r\n'))
      connection.close()
    }

    async function tell(lines: string): Promise<void> {
      const connection = await admin().connect()
      connection.send(Buffer.from(`${lines}mn\r\n`, 'latin1'))
      await connection.receiveUntil(Buffer.from('MN\r\n'))
      connection.close()
    }

    const families = (count: number, name: string) =>
      Array.from({ length: count }, (_, index) => `${name}:${index}`)

    before(async () => {
      await store([...families(2000, 'user'), ...families(3000, 'other'), 'use', 'usex'])
      await tell('flush_all\r\n')
      await store([...families(1000, 'user'), ...families(2000, 'other'), 'use', 'usex'])
    })

    it('have all live items below the prefix once, whatever the length of pages', async () => {
      for (const [limit, prefix] of [
        [1, 'user:9'],
        [7, 'user:'],
        [100, 'user:'],
        [20_000, 'user:'],
      ] as const) {
        const { keys, lengths } = await listAll(admin(), prefix, limit)
        const expected = families(1000, 'user').filter((key) => key.startsWith(prefix))
        expect(keys.sort(), `${limit}`).to.deep.equal(expected.sort())
        // A page ends with a bucket.
        expect(Math.max(...lengths)).to.be.at.most(Math.max(limit + 20, 1))
        if (limit < expected.length) expect(lengths.length).to.be.above(1)
      }
    })

    it('have all items without a prefix, and none below a prefix that no key has', async () => {
      expect((await listAll(admin(), '', 500)).keys).to.have.length(3002)
      expect((await listAll(admin(), 'use', 500)).keys).to.have.length(1002)
      for (const prefix of ['user:1000', 'uses', 'x'.repeat(250), '\0'])
        expect(await listAll(admin(), prefix, 500)).to.deep.equal({ keys: [], lengths: [0] })
    })

    it('show size, ttl, last access and whether an item was fetched', async () => {
      await tell('set fresh 7 100 9\r\nnine long\r\nset read 0 0 1\r\nx\r\nget read\r\n')
      const now = Math.floor(Date.now() / 1000)
      const [fresh] = (await pageOf(admin(), { prefix: 'fresh' })).items
      const [read] = (await pageOf(admin(), { prefix: 'read' })).items
      expect(fresh).to.include({ key: 'fresh', size: 9, fetched: false, flags: 7 })
      expect(fresh!.ttl).to.be.within(90, 100)
      expect(fresh!.lastAccess).to.be.within(now - 60, now + 2)
      expect(fresh!.cas).to.match(/^\d+$/)
      expect(fresh!.bytes).to.be.within(5 + 9 + 12, 60)
      expect(read).to.include({ key: 'read', size: 1, ttl: -1, fetched: true, flags: 0 })
    })

    it('show keys that are no text in base64, and find them by a prefix of bytes', async () => {
      const key64 = Buffer.from('bin\xff\0\x80', 'latin1').toString('base64')
      await tell(`ms ${key64} 1 b\r\nx\r\n`)
      const reply = await admin().send('/v1/items?prefix=bin%FF%00')
      expect(JSON.parse(reply.text).items.map((item: Item) => item.key64)).to.deep.equal([key64])
    })

    it('count the items below a prefix, and the memory that they use', async () => {
      const { count, bytes, prefix } = JSON.parse((await admin().send('/v1/items?prefix=user:&count=1')).text)
      expect([count, prefix]).to.deep.equal([1000, 'user:'])
      const all = await pageOf(admin(), { prefix: 'user:', limit: '20000' })
      expect(bytes).to.equal(all.items.reduce((sum, item) => sum + item.bytes, 0))
      const none = JSON.parse((await admin().send('/v1/items?prefix=none:&count')).text)
      expect(none).to.deep.equal({ prefix: 'none:', count: 0, bytes: 0 })
    })

    it('have every item that was there all the time, while others come and go and the index grows', async function () {
      this.slow(5000)
      let round = 0
      const { keys } = await listAll(admin(), 'user:', 50, async () => {
        await store(families(2500, `grow${round}`))
        await tell(
          families(20, `user:gone${round++}`)
            .map((key) => `set ${key} 0 0 1 noreply\r\nx\r\n`)
            .join(''),
        )
      })
      const stable = keys.filter((key) => !key.includes('gone'))
      expect(new Set(stable)).to.deep.equal(new Set(families(1000, 'user')))
      expect(round).to.be.above(5)
    })

    if (workers > 1)
      it('look again at a bucket in which a worker writes', async () => {
        const lock = oneMemory(admin().server['worker'].store).parts.lock
        const stripe = 7
        lock.write(stripe)
        let isOver = false
        const listing = listAll(admin(), 'user:', 20_000).finally(() => {
          isOver = true
        })
        await sleep(500)
        const wasOver = isOver
        lock.endWrite(stripe)
        const { keys } = await listing
        expect(wasOver).to.equal(false)
        expect(keys).to.include.members(families(1000, 'user'))
      })

    it('refuse wrong parameters with a sentence', async () => {
      for (const [query, sentence] of [
        ['limit=0', 'limit: give a number from 1 to 20000'],
        ['limit=20001', 'limit: give a number from 1 to 20000'],
        ['limit=x', 'limit: give a number from 1 to 20000'],
        ['count=yes', 'count: give 1 or 0'],
        ['cursor=1', 'cursor: it is not of this server, or of this server before its last start'],
        ['cursor=00000000-1', 'cursor: it is not of this server, or of this server before its last start'],
        ['limit=1&limit=2', 'limit: given more than once'],
        ['prefx=a', 'prefx: no such parameter; there are prefix, limit, cursor, count, by'],
        [`prefix=${'x'.repeat(251)}`, 'prefix: no key is longer than 250 bytes'],
        ['prefix=%g', 'prefix=%g: % needs two hexadecimal digits behind it'],
      ] as const) {
        const reply = await admin().send(`/v1/items?${query}`)
        expect([reply.status, errorOf(reply)], query).to.deep.equal([400, sentence])
      }
    })

    it('are made a few at a time', async () => {
      const replies = await Promise.all(
        Array.from({ length: 5 * ADMIN_LISTING_COUNT_MAX }, () => admin().send('/v1/items?count=1')),
      )
      const statuses = replies.map(({ status }) => status)
      expect(statuses).to.include(200)
      expect(new Set(statuses)).to.satisfy((all: Set<number>) =>
        [...all].every((each) => [200, 429].includes(each)),
      )
      expect((await admin().send('/v1/items?count=1')).status).to.equal(200)
    })
  })

describe('lists of keys over HTTP of a server that lists none', () => {
  const admin = useAdmin({ dumpEnabled: false })

  it('are refused', async () => {
    const reply = await admin().send('/v1/items')
    expect([reply.status, errorOf(reply)]).to.deep.equal([403, 'listing of keys is off (-X)'])
  })
})
