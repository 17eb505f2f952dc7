/** Waiting for one key over HTTP. */
import { connect } from 'node:net'
import { expect } from 'chai'
import { AdminServer, errorOf, useAdmin } from '../support/admin.js'

async function say(admin: AdminServer, lines: string): Promise<void> {
  const connection = await admin.connect()
  connection.send(Buffer.from(`${lines}mn\r\n`, 'latin1'))
  await connection.receiveUntil(Buffer.from('MN\r\n'))
  connection.close()
}

for (const workers of [1, 2])
  describe(`waiting for a key over HTTP with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ workers, changes: 2 ** 20 })
    const casOf = async (key: string): Promise<string> =>
      (await admin().send(`/v1/items/${key}`)).headers['keepcached-cas'] as string

    /** Until the request is known to wait. */
    async function untilWaiting(count: number): Promise<void> {
      const { feed } = admin().server['worker']
      while (feed!['waiters'].size < count) await new Promise((resolve) => setTimeout(resolve, 2))
    }

    it('ends when the item has another cas, with the new value', async () => {
      await say(admin(), 'set job 0 0 3\r\nold\r\n')
      const cas = await casOf('job')
      const waiting = admin().send(`/v1/items/job?after=${cas}&wait=60`)
      await untilWaiting(1)
      await say(admin(), 'set other 0 0 1\r\nx\r\nset job 0 0 3\r\nnew\r\n')
      const { status, text, headers } = await waiting
      expect([status, text]).to.deep.equal([200, 'new'])
      expect(headers['keepcached-cas']).to.not.equal(cas)
    })

    it('ends when the item goes missing', async () => {
      await say(admin(), 'set gone 0 0 1\r\nx\r\n')
      const waiting = admin().send(`/v1/items/gone?after=${await casOf('gone')}&wait=60`)
      await untilWaiting(1)
      await say(admin(), 'delete gone\r\n')
      expect((await waiting).status).to.equal(404)
    })

    it('ends when there is an item, after 0', async () => {
      const waiting = ['GET', 'HEAD'].map((method) =>
        admin().send('/v1/items/result?after=0&wait=60', { method }),
      )
      await untilWaiting(2)
      await say(admin(), 'set result 0 0 4\r\ndone\r\n')
      const [get, head] = await Promise.all(waiting)
      expect([get!.status, get!.text, head!.status, head!.headers['content-length']]).to.deep.equal([
        200,
        'done',
        200,
        '4',
      ])
    })

    it('ends at once when there is another cas already, or no item', async () => {
      await say(admin(), 'set here 0 0 1\r\nx\r\n')
      expect((await admin().send('/v1/items/here?after=99999999&wait=60')).status).to.equal(200)
      expect((await admin().send('/v1/items/missing?after=5&wait=60')).status).to.equal(404)
      expect((await admin().send('/v1/items/here?after=0&wait=60')).status).to.equal(200)
    })

    it('ends when time is up: nothing has changed', async () => {
      await say(admin(), 'set still 0 0 1\r\nx\r\n')
      const cas = await casOf('still')
      const beginMs = performance.now()
      const same = await admin().send(`/v1/items/still?after=${cas}&wait=1`)
      expect([same.status, same.headers['etag'], same.body.length]).to.deep.equal([304, `"${cas}"`, 0])
      expect(performance.now() - beginMs).to.be.at.least(990)
      expect((await admin().send('/v1/items/none?after=0&wait=1')).status).to.equal(404)
      expect((await admin().send(`/v1/items/still?after=${cas}`)).status).to.equal(304)
    })

    it('ends with the connection', async () => {
      const { feed } = admin().server['worker']
      const socket = connect(admin().port, '127.0.0.1')
      socket.write('GET /v1/items/left?after=0&wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await untilWaiting(1)
      socket.destroy()
      while (feed!['waiters'].size > 0) await new Promise((resolve) => setTimeout(resolve, 2))
    })

    it('sees every one of many changes in a row', async () => {
      await say(admin(), 'set count 0 0 1\r\n0\r\n')
      let cas = await casOf('count')
      let seen = 0
      const counting = (async () => {
        while (seen < 200) {
          const reply = await admin().send(`/v1/items/count?after=${cas}&wait=60`)
          cas = reply.headers['keepcached-cas'] as string
          seen = Number(reply.text)
        }
      })()
      for (let index = 0; index < 200; index++) await say(admin(), 'incr count 1\r\n')
      await counting
      expect(seen).to.equal(200)
    })

    it('is refused with a sentence if the request is wrong', async () => {
      for (const [query, sentence] of [
        ['after=x', 'after: give a cas, or 0'],
        ['after=', 'after: give a cas, or 0'],
        ['after=0&wait=x', 'wait: give a number from 0 to 3600'],
        ['wait=1', 'wait: give after, too'],
      ] as const) {
        const reply = await admin().send(`/v1/items/sky?${query}`)
        expect([reply.status, errorOf(reply)], query).to.deep.equal([400, sentence])
      }
    })
  })

describe('waiting for a key over HTTP', () => {
  it('ends with the server', async () => {
    const admin = await AdminServer.start({ changes: 2 ** 20 })
    const { feed } = admin.server['worker']
    const waiting = admin.send('/v1/items/sky?after=0&wait=60').catch((error) => error)
    while (feed!['waiters'].size === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    await admin.stop()
    await waiting
  })
})
