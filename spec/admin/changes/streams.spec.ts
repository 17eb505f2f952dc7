/** Streams of changes over HTTP: lines of JSON and server-sent events. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { useAdmin } from '../../support/admin.js'
import { type Event, FORMS, kindsOf, pollOf, Subscriber, say, set } from './subscriber.js'

for (const workers of [1, 2])
  describe(`streams of changes over HTTP with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ workers, changes: 2 ** 22 })

    for (const form of FORMS) {
      it(`stream with the items before them: ${form}`, async () => {
        await say(admin(), `flush_all\r\n${set(`${form}:old`, 'x')}`)
        const subscriber = await Subscriber.open(admin(), form, { initial: '1', prefix: `${form}:` })
        expect(subscriber.response.headers['content-type']).to.equal(
          form === 'sse' ? 'text/event-stream' : 'application/x-ndjson',
        )
        expect(await subscriber.next()).to.include({ kind: 'item', key: `${form}:old` })
        expect(await subscriber.next()).to.have.all.keys('kind', 'position')
        await say(
          admin(),
          `${set('other', 'x')}${set(`${form}:new`, 'x')}delete ${form}:old\r\nflush_all\r\n`,
        )
        const events = [await subscriber.next(), await subscriber.next(), await subscriber.next()] as Event[]
        expect(kindsOf(events)).to.deep.equal([`set ${form}:new`, `delete ${form}:old`, 'flush undefined'])
        subscriber.close()
      })

      it(`give an exact copy of the items: ${form}`, async function () {
        this.slow(20_000)
        const prefix = `copy:${form}:`
        const keys = Array.from({ length: 300 }, (_, index) => `${prefix}${index}`)
        await say(admin(), keys.map((key) => set(key, 'before')).join(''))
        const subscriber = await Subscriber.open(admin(), form, { initial: '1', values: '1', prefix })
        let seed = 12345
        const random = (below: number): number => {
          seed = (seed * 1103515245 + 12345) % 2147483648
          return seed % below
        }
        const change = (): string => {
          const key = keys[random(keys.length)]!
          return random(4) === 0 ? `delete ${key}\r\n` : set(key, `value ${random(1000)}`)
        }
        const changing = Promise.all(
          [1, 2, 3].map(async () => {
            for (let round = 0; round < 20; round++)
              await say(admin(), Array.from({ length: 50 }, change).join(''))
          }),
        )
        const copy = new Map<string, Event>()
        const copying = (async () => {
          for (;;) {
            const event = (await subscriber.next())!
            if (event.key === `${prefix}end`) return
            if (event.kind === 'item' || event.kind === 'set') copy.set(event.key!, event)
            if (event.kind === 'delete') copy.delete(event.key!)
          }
        })()
        await changing
        await say(admin(), set(`${prefix}end`, 'x'))
        await copying
        subscriber.close()
        await say(admin(), `delete ${prefix}end\r\n`)
        const { items } = JSON.parse((await admin().send(`/v1/items?prefix=${prefix}&limit=1000`)).text)
        expect(items.length).to.be.above(100)
        const shown = (all: Iterable<{ key?: string; cas?: string }>) =>
          [...all].map(({ key, cas }) => `${key} ${cas}`).sort()
        expect(shown(copy.values())).to.deep.equal(shown(items))
        const [{ key }] = items
        expect((await admin().send(`/v1/items/${key}`)).text).to.equal(copy.get(key)!.value)
      })

      it(`tell a quiet client where it is: ${form}`, async function () {
        this.slow(6000)
        const subscriber = await Subscriber.open(admin(), form, { heartbeat: '1', prefix: 'quiet' })
        await subscriber.nextOf('position')
        const { position } = await pollOf(admin())
        await say(admin(), set('not-quiet', 'x'))
        let heartbeat = await subscriber.nextOf('position')
        while (heartbeat.position === position) heartbeat = await subscriber.nextOf('position')
        subscriber.close()
        const resumed = await Subscriber.open(admin(), form, { since: heartbeat.position! })
        await say(admin(), set('quiet', 'x'))
        expect(await resumed.nextOf('set')).to.include({ key: 'quiet' })
        resumed.close()
      })

      it(`end with the connection, and make room for others: ${form}`, async () => {
        const { feed } = admin().server['worker']
        const before = feed!['subscriptions'].size
        const subscriber = await Subscriber.open(admin(), form)
        expect(feed!['subscriptions'].size).to.equal(before + 1)
        subscriber.close()
        while (feed!['subscriptions'].size > before) await sleep(5)
      })
    }

    it('stream without chunks to a client of HTTP/1.0', async () => {
      const socket = connect(admin().port, '127.0.0.1').setEncoding('latin1')
      let text = ''
      const hasLines = (count: number) => text.split('\r\n\r\n')[1]?.split('\n').length === count + 1
      socket.on('data', (more) => {
        text += more
      })
      socket.write('GET /v1/changes?feed=ndjson&prefix=ten: HTTP/1.0\r\nhost: localhost\r\n\r\n')
      while (!socket.closed && !hasLines(1)) await sleep(2)
      await say(admin(), set('ten:0', 'x') + set('ten:1', 'x'))
      while (!socket.closed && !hasLines(3)) await sleep(2)
      socket.destroy()
      const [head, body] = text.split('\r\n\r\n')
      expect(head!.toLowerCase()).not.to.include('chunked')
      const events = body!.split('\n').slice(0, -1)
      expect(kindsOf(events.map((line) => JSON.parse(line)))).to.deep.equal([
        'position undefined',
        'set ten:0',
        'set ten:1',
      ])
    })

    it('continue after the last event that a browser has received', async () => {
      const first = await Subscriber.open(admin(), 'sse', { prefix: 'again:' })
      await first.nextOf('position')
      await say(admin(), set('again:1', 'x') + set('again:2', 'x'))
      await first.nextOf('set')
      first.close()
      const second = await Subscriber.open(
        admin(),
        'sse',
        { prefix: 'again:' },
        { 'last-event-id': first.ids[0]! },
      )
      expect(first.ids).to.satisfy((ids: (string | undefined)[]) => ids.every((id) => id !== undefined))
      expect(await second.nextOf('set')).to.include({ key: 'again:1' })
      expect(await second.nextOf('set')).to.include({ key: 'again:2' })
      second.close()
    })
  })

describe('changes over HTTP with a short history', () => {
  const admin = useAdmin({ changes: 2 ** 16 })

  it('leave a gap for a client that reads too slowly, and end for one that does not read', async function () {
    this.slow(20_000)
    const { feed } = admin().server['worker']
    const slow = await Subscriber.open(admin(), 'ndjson', { values: '1', heartbeat: '300' })
    const stuck = await Subscriber.open(admin(), 'ndjson', { values: '1', heartbeat: '1' })
    await slow.nextOf('position')
    const value = 'x'.repeat(100_000)
    for (let round = 0; round < 40; round++) {
      await say(admin(), Array.from({ length: 10 }, (_, index) => set(`big${index}`, value)).join(''))
      await say(admin(), Array.from({ length: 400 }, (_, index) => set(`small${index}`, 'x')).join(''))
    }
    // Reads nothing, until the server has given it up.
    while (feed!['subscriptions'].size > 1) await sleep(20)
    stuck.close()
    const gap = await slow.nextOf('gap')
    expect(gap.after).to.match(/^[0-9a-f]{16}\.\d+$/)
    expect(gap.position).to.match(/^[0-9a-f]{16}\.\d+$/)
    await say(admin(), set('last', 'x'))
    let key = (await slow.nextOf('set')).key
    while (key !== 'last') key = (await slow.nextOf('set')).key
    slow.close()
  })
})
