/** Changes over HTTP: polls, lines of JSON and server-sent events. */
import { get as httpGet, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { SUBSCRIBER_COUNT_MAX } from '../../lib/request/limits.js'
import { type AdminServer, errorOf, useAdmin } from '../support/admin.js'

interface Event {
  readonly kind: string
  readonly position?: string
  readonly after?: string
  readonly key?: string
  readonly key64?: string
  readonly cas?: string
  readonly size?: number
  readonly ttl?: number
  readonly value?: string
  readonly value64?: string
}

const FORMS = ['ndjson', 'sse'] as const
type Form = (typeof FORMS)[number]

/** A subscriber of a stream. It reads when it is asked for an event. */
class Subscriber {
  readonly response: IncomingMessage
  /** The ids of server-sent events, in their order. */
  readonly ids: (string | undefined)[] = []
  private readonly form: Form
  private readonly chunks: AsyncIterator<Buffer>
  private rest = ''
  private readonly events: Event[] = []

  private constructor(response: IncomingMessage, form: Form) {
    this.response = response
    this.form = form
    this.chunks = response[Symbol.asyncIterator]()
  }

  static open(
    admin: AdminServer,
    form: Form,
    parameters: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Subscriber> {
    const path = `/v1/changes?${new URLSearchParams({ feed: form, ...parameters })}`
    return new Promise((resolve, reject) => {
      const request = httpGet({ host: '127.0.0.1', port: admin.port, path, headers, agent: false })
      request.on('error', reject)
      request.on('response', (response) => resolve(new Subscriber(response, form)))
    })
  }

  /** The next event; undefined at the end. */
  async next(): Promise<Event | undefined> {
    while (this.events.length === 0) {
      const { value, done } = await this.chunks.next()
      if (done === true) return undefined
      this.read(value.toString('latin1'))
    }
    return this.events.shift()
  }

  async nextOf(kind: string): Promise<Event> {
    for (;;) {
      const event = await this.next()
      if (event === undefined) throw new Error(`the stream has ended before ${kind}`)
      if (event.kind === kind) return event
    }
  }

  close(): void {
    this.response.destroy()
  }

  private read(text: string): void {
    const parts = (this.rest + text).split(this.form === 'sse' ? '\n\n' : '\n')
    this.rest = parts.pop()!
    for (const part of parts) {
      const fields = new Map(this.form === 'ndjson' ? [['data', part]] : part.split('\n').map(fieldOf))
      const data = fields.get('data')
      if (data === undefined) continue
      this.ids.push(fields.get('id'))
      this.events.push(JSON.parse(Buffer.from(data, 'latin1').toString()))
    }
  }
}

const fieldOf = (line: string): [string, string] => [
  line.slice(0, line.indexOf(': ')),
  line.slice(line.indexOf(': ') + 2),
]

interface PollReply {
  readonly events: readonly Event[]
  readonly position: string
}

async function pollOf(admin: AdminServer, parameters: Record<string, string> = {}): Promise<PollReply> {
  const reply = await admin.send(`/v1/changes?${new URLSearchParams(parameters)}`)
  expect(reply.status, reply.text).to.equal(200)
  return JSON.parse(reply.text)
}

async function say(admin: AdminServer, lines: string): Promise<string> {
  const connection = await admin.connect()
  connection.send(Buffer.from(`${lines}mn\r\n`, 'latin1'))
  const text = (await connection.receiveUntil(Buffer.from('MN\r\n'))).toString('latin1')
  connection.close()
  return text
}

const kindsOf = (events: readonly Event[]): string[] => events.map(({ kind, key }) => `${kind} ${key}`)
const set = (key: string, value: string, expiry = 0): string =>
  `set ${key} 7 ${expiry} ${value.length}\r\n${value}\r\n`

for (const workers of [1, 2])
  describe(`changes over HTTP with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
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
        this.timeout(60_000)
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

    it('are only those of the wanted kinds', async () => {
      const { position } = await pollOf(admin())
      await say(admin(), `${set('kind', 'x')}touch kind 100\r\ndelete kind\r\n`)
      const only = await pollOf(admin(), { since: position, kinds: 'delete,touch' })
      expect(kindsOf(only.events)).to.deep.equal(['touch kind', 'delete kind'])
    })

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

  it('leave a gap for a client that reads too slowly, and end for one that does not read', async function () {
    this.timeout(60_000)
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

describe('changes over HTTP of a server that records none', () => {
  const admin = useAdmin()

  it('are off', async () => {
    for (const path of ['/v1/changes', '/v1/items/sky?after=0']) {
      const reply = await admin().send(path)
      expect([reply.status, errorOf(reply)]).to.deep.equal([404, 'changes are off (--changes)'])
    }
  })
})
