import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { withThreads } from '../support/threads.js'
import { ask, Watcher, withServer } from '../support/watcher.js'

/** A line without its position and cas. */
const plain = (text: string): string => text.replace(/ (?:position|cas)=\S+/g, '')

const positionIn = (text: string): string => / position=(\S+)/.exec(text)![1]!

for (const threads of [1, 2])
  describe(`Whoever watches changes of a server of ${threads} threads`, () => {
    const server = useServer(withThreads(threads, ['-m', '32', '--changes', '128k']))
    let watcher: Watcher
    let clients: Connection[]

    beforeEach(async () => {
      clients = [await server().connect(), await server().connect()]
      await ask(clients[0]!, 'flush_all', 'OK')
    })

    afterEach(() => {
      watcher.close()
      for (const client of clients) client.close()
    })

    const next = async (count: number): Promise<string[]> => (await watcher.next(count)).map(plain)

    it('is told of what all clients change, in order', async () => {
      watcher = await Watcher.open(server(), 'changes')
      expect(await next(1)).deep.equal(['kind=position'])
      for (const [index, client] of clients.entries()) {
        await ask(client, `set k${index} 0 100 4\r\nfour`, 'STORED')
        await ask(client, `touch k${index} 50`, 'TOUCHED')
        await ask(client, `ms ${Buffer.from('\xff %', 'latin1').toString('base64')} 1 b\r\n1`, 'HD')
        await ask(client, `delete k${index}`, 'DELETED')
        await ask(client, `delete k${index}`, 'NOT_FOUND')
        await ask(client, 'flush_all', 'OK')
        await ask(client, 'flush_prefix k:%', 'OK')
        expect(
          (await next(6)).map((each) => each.replace(/ttl=\d\d?\b/, (ttl) => `${ttl.slice(0, 4)}…`)),
        ).deep.equal([
          `kind=set key=k${index} size=4 ttl=…`.replace('ttl=…', 'ttl=100'),
          `kind=touch key=k${index} size=4 ttl=…`,
          'kind=set key=%FF%20%25 size=1 ttl=-1',
          `kind=delete key=k${index}`,
          'kind=flush',
          'kind=flush_prefix prefix=k%3A%25',
        ])
      }
    })

    it('is first told of the items that there are, with initial', async () => {
      await ask(clients[0]!, 'set a:1 4294967295 0 3\r\none', 'STORED')
      await ask(clients[0]!, 'set b:1 0 0 3\r\ntwo', 'STORED')
      watcher = await Watcher.open(server(), 'changes initial values prefix=%61:')
      expect(await next(2)).deep.equal([
        'kind=item key=a%3A1 size=3 ttl=-1 flags=4294967295 value=b25l',
        'kind=position',
      ])
      await ask(clients[1]!, 'set a:2 0 0 3\r\nnew', 'STORED')
      expect(await next(1)).deep.equal(['kind=set key=a%3A2 size=3 ttl=-1 flags=0 value=bmV3'])
    })

    it('resumes behind a position, and is told what is missing', async () => {
      watcher = await Watcher.open(server(), 'changes')
      const since = positionIn(await watcher.nextLine())
      watcher.close()
      await ask(clients[0]!, 'set k 0 0 1\r\n1', 'STORED')
      watcher = await Watcher.open(server(), `changes since=${since}`)
      expect(await next(1)).deep.equal(['kind=set key=k size=1 ttl=-1'])
      watcher.close()
      const sets = Array.from({ length: 3000 }, (_, index) => `set key:${index} 0 0 1 noreply\r\n1`)
      for (const client of clients) {
        await client.sendAll(line(sets.join('\r\n')))
        await ask(client, 'mn', 'MN')
      }
      watcher = await Watcher.open(server(), `changes since=${since}`)
      const gap = await watcher.nextLine()
      expect(gap).match(/^kind=gap after=\S+ position=\S+$/)
      expect(gap).contain(`after=${since} `)
      await ask(clients[0]!, 'set late 0 0 1\r\n1', 'STORED')
      expect(await next(1)).deep.equal(['kind=set key=late size=1 ttl=-1'])
    })

    it('who does not read receives a gap, and then what follows', async () => {
      watcher = await Watcher.open(server(), 'changes prefix=long')
      watcher.connection.pause()
      const key = `long:${'x'.repeat(200)}`
      const sets = Array.from({ length: 20_000 }, (_, index) => `set ${key}${index} 0 0 1 noreply\r\n1`)
      for (let round = 0; round < 4; round++) {
        await clients[0]!.sendAll(line(sets.join('\r\n')))
        await ask(clients[0]!, 'mn', 'MN')
      }
      watcher.connection.resume()
      const counts = new Map<string, number>()
      await ask(clients[1]!, 'set long:last 0 0 1\r\n1', 'STORED')
      for (let last = ''; !last.includes('key=long%3Alast '); ) {
        last = await watcher.nextLine()
        const kind = /^kind=(\S+)/.exec(last)?.[1] ?? JSON.stringify(last)
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }
      expect([...counts.keys()].sort().join(' ')).equal('gap position set')
      expect(counts.get('set')).above(100)
    })

    for (const words of [
      'now',
      'initial=1',
      'initial initial',
      'prefix',
      'since',
      'since=1',
      'since=yesterday',
      '=',
    ])
      it(`refuses ${words}`, async () => {
        watcher = await Watcher.open(server(), 'changes')
        clients[0]!.send(line(`watch changes ${words}`))
        expect(`${await clients[0]!.receive(7)}`).equal('ERROR\r\n')
      })
  })

describe('Whoever watches changes', () => {
  it('is refused while changes are not recorded', () =>
    withServer({ options: ['-t', '1'] }, async (server) => {
      const connection = await server.connect()
      await ask(connection, 'watch changes', 'SERVER_ERROR changes are off (--changes)')
      await ask(connection, 'mn', 'MN')
      connection.close()
    }))

  it('is refused with -W', () =>
    withServer({ options: ['-t', '1', '--changes', '1m', '-W'] }, async (server) => {
      const connection = await server.connect()
      await ask(connection, 'watch changes', 'CLIENT_ERROR watch commands not allowed')
      connection.close()
    }))
})
