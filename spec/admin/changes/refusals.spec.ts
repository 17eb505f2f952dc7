/** When changes over HTTP are refused: a wrong request, a lost position, too many subscribers, a server without them. */
import { expect } from 'chai'
import { SUBSCRIBER_COUNT_MAX } from '../../../lib/request/limits.js'
import { errorOf, useAdmin } from '../../support/admin.js'
import { FORMS, pollOf, Subscriber, say, set } from './subscriber.js'

for (const workers of [1, 2])
  describe(`changes over HTTP with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ workers, changes: 2 ** 22 })

    it('are refused with a sentence if the request is wrong', async () => {
      for (const [query, sentence] of [
        ['feed=xml', 'feed: give poll, ndjson or sse'],
        ['since=yesterday', 'since: it is no position'],
        ['kinds=set,get', 'kinds: give some of set,delete,touch,expire,evict,flush,flush_prefix'],
        ['kinds=', 'kinds: give some of set,delete,touch,expire,evict,flush,flush_prefix'],
        ['heartbeat=0', 'heartbeat: give a number from 1 to 300'],
        ['limit=0', 'limit: give a number from 1 to 10000'],
        ['wait=3601', 'wait: give a number from 0 to 3600'],
        ['initial=maybe', 'initial: give 1 or 0'],
        ['values=2', 'values: give 1 or 0'],
        [`prefix=${'x'.repeat(251)}`, 'prefix: no key is longer than 250 bytes'],
      ] as const) {
        const reply = await admin().send(`/v1/changes?${query}`)
        expect([reply.status, errorOf(reply)], query).to.deep.equal([400, sentence])
      }
    })

    it('are gone before a position of another server, unless the items are listed again', async () => {
      const foreign = '0123456789abcdef.7'
      for (const feed of ['poll', ...FORMS]) {
        const reply = await admin().send(`/v1/changes?feed=${feed}&since=${foreign}`)
        expect(reply.status).to.equal(410)
        const { error, oldest } = JSON.parse(reply.text)
        expect(error).to.equal(
          'since: changes after this position are not there any more; list the items again',
        )
        expect((await admin().send(`/v1/changes?since=${oldest}`)).status).to.equal(200)
      }
      const subscriber = await Subscriber.open(admin(), 'ndjson', { since: foreign, initial: '1' })
      expect(await subscriber.next()).to.deep.equal({ kind: 'gap', after: foreign })
      await subscriber.nextOf('position')
      subscriber.close()
    })

    it('are refused when there are too many subscribers', async () => {
      const { feed } = admin().server['worker']
      const others = []
      for (let count = 0; count < SUBSCRIBER_COUNT_MAX; count++) others.push(feed!.subscribe())
      const reply = await admin().send('/v1/changes?feed=ndjson')
      expect([reply.status, errorOf(reply)]).to.deep.equal([429, 'too many subscribers'])
      for (const other of others) other?.close()
      expect((await admin().send('/v1/changes')).status).to.equal(200)
    })
  })

describe('changes over HTTP with a short history', () => {
  const admin = useAdmin({ changes: 2 ** 16 })

  it('are gone when they were overwritten', async () => {
    const { position } = await pollOf(admin())
    await say(admin(), Array.from({ length: 3000 }, (_, index) => set(`key${index}`, 'x')).join(''))
    const reply = await admin().send(`/v1/changes?since=${position}`)
    expect(reply.status).to.equal(410)
    const { oldest } = JSON.parse(reply.text)
    expect((await pollOf(admin(), { since: oldest, limit: '10000' })).events.at(-1)).to.include({
      key: 'key2999',
    })
  })
})

describe('changes over HTTP of a server that records none', () => {
  const admin = useAdmin()

  it('are off', async () => {
    for (const path of ['/v1/changes', '/v1/items/sky?after=0']) {
      const reply = await admin().send(path)
      expect([reply.status, errorOf(reply)]).to.deep.equal([404, 'changes are off (--changes)'])
    }
  })
})
