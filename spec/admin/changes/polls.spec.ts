/** Polls of changes over HTTP. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { useAdmin } from '../../support/admin.js'
import { kindsOf, type PollReply, pollOf, say, set } from './subscriber.js'

for (const workers of [1, 2])
  describe(`polls of changes over HTTP with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ workers, changes: 2 ** 22 })

    it('are polled from a position, in their order', async () => {
      const { events, position } = await pollOf(admin())
      expect(events).to.deep.equal([])
      await say(admin(), `${set('a', 'one')}${set('b', 'two', 100)}touch a 50\r\ndelete b\r\n`)
      const next = await pollOf(admin(), { since: position })
      expect(kindsOf(next.events)).to.deep.equal(['set a', 'set b', 'touch a', 'delete b'])
      const [first, second] = next.events
      expect(first).to.include({ size: 3, ttl: -1 })
      expect(first!.cas).to.match(/^\d+$/)
      expect(second!.ttl).to.be.within(90, 100)
      expect(next.events.at(-1)!.position).to.equal(next.position)
      expect(await pollOf(admin(), { since: next.position })).to.deep.equal({
        events: [],
        position: next.position,
      })
    })

    it('are polled a few at a time', async () => {
      let { position } = await pollOf(admin())
      await say(admin(), Array.from({ length: 10 }, (_, index) => set(`many${index}`, 'x')).join(''))
      const pages: number[] = []
      const keys: (string | undefined)[] = []
      for (;;) {
        const page: PollReply = await pollOf(admin(), { since: position, limit: '4' })
        if (page.events.length === 0) break
        pages.push(page.events.length)
        keys.push(...page.events.map(({ key }) => key))
        position = page.position
      }
      expect(pages).to.deep.equal([4, 4, 2])
      expect(keys).to.deep.equal(Array.from({ length: 10 }, (_, index) => `many${index}`))
    })

    it('end a poll that waits for them; without any it ends when its time is up', async () => {
      const { position } = await pollOf(admin())
      const waiting = pollOf(admin(), { since: position, wait: '60', prefix: 'wanted' })
      await say(admin(), set('other', 'x'))
      await sleep(20)
      await say(admin(), set('wanted', 'x'))
      expect(kindsOf((await waiting).events)).to.deep.equal(['set wanted'])
      const beginMs = performance.now()
      const empty = await pollOf(admin(), { wait: '1', prefix: 'nothing' })
      expect(empty.events).to.deep.equal([])
      expect(performance.now() - beginMs).to.be.at.least(990)
    })

    it('are polled behind a whole list of the items', async () => {
      await say(admin(), set('listed:1', 'one') + set('listed:2', '\xff\0'))
      const { events, position } = await pollOf(admin(), {
        initial: '1',
        values: '1',
        prefix: 'listed:',
        limit: '1',
      })
      expect(kindsOf(events).sort()).to.deep.equal(['item listed:1', 'item listed:2'])
      const byKey = new Map(events.map((event) => [event.key, event]))
      expect(byKey.get('listed:1')!.value).to.equal('one')
      expect(byKey.get('listed:2')!.value64).to.equal(Buffer.from('\xff\0', 'latin1').toString('base64'))
      await say(admin(), 'delete listed:1\r\n')
      expect(kindsOf((await pollOf(admin(), { since: position })).events)).to.deep.equal(['delete listed:1'])
    })

    it('are only those of the wanted kinds', async () => {
      const { position } = await pollOf(admin())
      await say(admin(), `${set('kind', 'x')}touch kind 100\r\ndelete kind\r\n`)
      const only = await pollOf(admin(), { since: position, kinds: 'delete,touch' })
      expect(kindsOf(only.events)).to.deep.equal(['touch kind', 'delete kind'])
    })
  })
