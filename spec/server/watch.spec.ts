import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { DatagramClient } from '../support/datagram-client.js'
import { eventually } from '../support/eventually.js'
import { Op, request } from '../support/frames.js'
import { freePort, useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { withThreads } from '../support/threads.js'
import { ask, LINE_FEED, statistics, Watcher, withServer } from '../support/watcher.js'

for (const threads of [1, 2])
  describe(`A watcher of a server with ${threads} threads`, () => {
    const server = useServer(withThreads(threads, ['-m', '32']))
    let watcher: Watcher
    /** With two threads, one beside the watcher and one with the other. */
    let clients: Connection[] = []
    let numbers: string[] = []

    async function watch(words: string): Promise<void> {
      watcher = await Watcher.open(server(), words)
      clients = [await server().connect(), await server().connect()]
      for (const [index, client] of clients.entries()) await ask(client, `get who${index}`, 'END')
      const all = [...(await statistics(server(), 'conns'))].filter(([name]) => name.endsWith(':addr'))
      numbers = all.map(([name]) => name.split(':')[0]!).slice(-3, -1)
    }

    afterEach(() => {
      watcher.close()
      for (const client of clients.splice(0)) client.close()
    })

    it('gets every lookup, with the number of the connection in stats conns', async () => {
      await watch('')
      await watcher.next(2)
      for (const [index, client] of clients.entries()) {
        const cfd = `cfd=${numbers[index]}`
        await ask(client, `set fresh${index} 0 0 4\r\nfour`, 'STORED')
        await ask(client, `get fresh${index} none`, 'END')
        expect(await watcher.next(3)).to.deep.equal([
          `type=item_get key=fresh${index} status=not_found clsid=0 ${cfd} size=0`,
          `type=item_get key=fresh${index} status=found clsid=1 ${cfd} size=4`,
          `type=item_get key=none status=not_found clsid=0 ${cfd} size=0`,
        ])
      }
    })

    it('gets the result of every store', async () => {
      await watch('mutations')
      const client = clients[1]!
      const expectStore = async (request: string, reply: string, told: string) => {
        await ask(client, request, reply)
        expect(await watcher.nextLine()).to.equal(
          `type=item_store ${told.replace('cfd', `clsid=1 cfd=${numbers[1]}`)}`,
        )
      }
      await ask(client, 'flush_all', 'OK')
      await expectStore('set k 0 0 4\r\nfour', 'STORED', 'key=k status=stored cmd=set ttl=0 cfd size=4')
      await expectStore('add k 0 0 1\r\n1', 'NOT_STORED', 'key=k status=not_stored cmd=add ttl=0 cfd size=1')
      await expectStore('append k 9 9 1\r\n1', 'STORED', 'key=k status=stored cmd=append ttl=0 cfd size=5')
      await expectStore(
        'prepend x 0 0 1\r\n1',
        'NOT_STORED',
        'key=x status=not_stored cmd=prepend ttl=0 cfd size=1',
      )
      await expectStore('cas k 0 0 2 77\r\n22', 'EXISTS', 'key=k status=exists cmd=cas ttl=0 cfd size=2')
      await expectStore(
        'cas x 0 0 2 77\r\n22',
        'NOT_FOUND',
        'key=x status=not_found cmd=cas ttl=0 cfd size=2',
      )
      await expectStore(
        'set l 0 0 70000\r\n'.concat('x'.repeat(70_000)),
        'STORED',
        'key=l status=stored cmd=set ttl=0 cfd size=70000',
      )
      await ask(client, 'set d 0 0 1\r\n12', 'ERROR')
      await ask(client, 'incr k 1', 'CLIENT_ERROR cannot increment or decrement non-numeric value')
      await ask(client, 'touch k 0', 'TOUCHED')
      await ask(client, 'delete k', 'DELETED')
      await ask(
        client,
        `set big 0 0 2000000\r\n${'x'.repeat(2_000_000)}`,
        'SERVER_ERROR object too large for cache',
      )
      expect(await watcher.nextLine()).to.equal(
        `type=item_store key=big status=too_large cmd=set ttl=0 clsid=0 cfd=${numbers[1]} size=0`,
      )
    })

    it('gets deletions, but none that only marks an item or finds nothing', async () => {
      await watch('deletions')
      const client = clients[1]!
      for (const key of ['a', 'b', 'c']) await ask(client, `set ${key} 0 0 4\r\nfour`, 'STORED')
      await ask(client, 'delete a', 'DELETED')
      await ask(client, 'delete a', 'NOT_FOUND')
      await ask(client, 'md b I', 'HD')
      await ask(client, 'md c x', 'HD')
      await ask(client, 'md b', 'HD')
      client.send(line('md c'))
      expect(await watcher.next(3)).to.deep.equal([
        'type=deleted key=a cmd=delete clsid=1 size=4',
        'type=deleted key=b cmd=md clsid=1 size=4',
        'type=deleted key=c cmd=md clsid=1 size=0',
      ])
    })

    it('gets lines as they came, before they were executed', async () => {
      await watch('rawcmds fetchers')
      await watcher.next(4)
      // stats conns
      await watcher.next(1)
      const client = clients[1]!
      await ask(client, 'mg YWJj b v', 'EN')
      await ask(client, 'nonsense', 'ERROR')
      expect(await watcher.next(3)).to.deep.equal([
        `<${numbers[1]} mg YWJj b v`,
        `type=item_get key=abc status=not_found clsid=0 cfd=${numbers[1]} size=0`,
        `<${numbers[1]} nonsense`,
      ])
    })

    it('gets opened and closed connections, with the reason', () =>
      withServer(withThreads(threads), async (quiet) => {
        // The connection that checked whether the server accepts has closed.
        await eventually('1', async () => (await statistics(quiet)).get('curr_connections')!)
        watcher = await Watcher.open(quiet, 'connevents')
        for (const [sent, reason] of [
          [line('quit'), 'normal'],
          [line('GET / HTTP/1.1'), 'error'],
          [request(Op.QUIT), 'normal'],
        ] as const) {
          const client = await quiet.connect()
          client.send(sent)
          await client.receiveRest()
          client.close()
          const [begun, ended] = await watcher.nextLife()
          const [, port, number] =
            /^type=conn_new rip=127\.0\.0\.1 rport=(\d+) transport=tcp cfd=(\d+)$/.exec(begun)!
          expect(ended).to.equal(
            `type=conn_close rip=127.0.0.1 rport=${port} transport=tcp reason=${reason} cfd=${number}`,
          )
        }
        const client = await quiet.connect()
        await ask(client, 'mn', 'MN')
        client.reset()
        const [, ended] = await watcher.nextLife()
        expect(ended).to.match(/reason=error cfd=\d+$/)
      }))

    it('gets numbers that grow by one with each event, of whatever kind, wherever it happened', async () => {
      await watch('fetchers mutations deletions')
      await watcher.next(2)
      const count = 300
      for (let index = 0; index < count; index++) {
        const client = clients[index % 2]!
        await ask(client, `set key${index} 0 0 1\r\n1`, 'STORED')
      }
      const gids: number[] = []
      const keys: string[] = []
      let text = ''
      while (gids.length < 2 * count) {
        text += await watcher.nextWhole()
        const lines = text.split('\n')
        text = lines.pop()!
        for (const each of lines) {
          gids.push(Number(/ gid=(\d+) /.exec(each)![1]))
          keys.push(/ key=(\S+) /.exec(each)![1]!)
        }
      }
      expect(gids).to.deep.equal(gids.map((_, index) => gids[0]! + index))
      expect(keys).to.deep.equal(keys.map((_, index) => `key${index >> 1}`))
    })

    it('is a conn_watch in stats conns, sends no more requests, and may disconnect', async () => {
      await watch('sysevents')
      watcher.connection.send(line('get a\r\nset a 0 0 1\r\nx\r\nquit'))
      const states = [...(await statistics(server(), 'conns'))].filter(([name]) => name.endsWith(':state'))
      expect(states.map(([, state]) => state).filter((state) => state === 'conn_watch')).to.deep.equal([
        'conn_watch',
      ])
      const count = async () => (await statistics(server())).get('log_watchers')
      expect(await count()).to.equal('1')
      const second = await Watcher.open(server(), 'fetchers')
      expect(await count()).to.equal('2')
      second.close()
      watcher.close()
      expect(await eventually('0', async () => (await count())!)).to.equal('0')
    })

    it('gets what it asked for, beside others that asked for something else', async () => {
      await watch('fetchers')
      await watcher.next(2)
      const second = await Watcher.open(server(), 'mutations')
      const third = await Watcher.open(server(), 'fetchers mutations')
      await ask(clients[0]!, 'set both 0 0 1\r\n1', 'STORED')
      const lookup = /^type=item_get key=both/
      const store = /^type=item_store key=both/
      expect(await watcher.nextLine()).to.match(lookup)
      expect(await second.nextLine()).to.match(store)
      const lines = await third.next(2)
      expect(lines[0]).to.match(lookup)
      expect(lines[1]).to.match(store)
      second.close()
      third.close()
    })
  })

describe('A full server', () => {
  it('reports what it evicts, during the set that needs the room', () =>
    withServer({ options: ['-m', '8', '-t', '1'] }, async (server) => {
      const client = await server.connect()
      const value = 'x'.repeat(11_000)
      const set = (key: string) => ask(client, `set ${key} 0 0 11000\r\n${value}`, 'STORED')
      for (let index = 0; index < 1500; index++) await set(`k${index}`)
      const watcher = await Watcher.open(server, 'mutations evictions')
      await set('newest')
      const lines: string[] = []
      while (!lines.some((each) => each.includes('item_store'))) lines.push(await watcher.nextLine())
      expect(lines.at(-1)).to.match(/^type=item_store key=newest status=stored cmd=set ttl=0/)
      expect(lines.length).greaterThan(1)
      for (const each of lines.slice(0, -1))
        expect(each).to.match(/^type=eviction key=k\d+ fetch=no ttl=-1 la=\d+ clsid=1 size=11000$/)
      watcher.close()
      client.close()
    }))
})

describe('A server that may not evict', () => {
  it('reports values that it has no room for, also those that were arriving', () =>
    withServer({ options: ['-m', '4', '-M', '-t', '1', '-I', '1m'] }, async (server) => {
      const client = await server.connect()
      for (let index = 0; index < 8; index++) {
        client.send(line(`set k${index} 0 0 900000\r\n${'x'.repeat(900_000)}`))
        await client.receiveUntil(LINE_FEED)
      }
      const watcher = await Watcher.open(server, 'mutations')
      await ask(
        client,
        `set long 0 0 900000\r\n${'x'.repeat(900_000)}`,
        'SERVER_ERROR out of memory storing object',
      )
      expect(await watcher.nextLine()).to.match(
        /^type=item_store key=long status=no_memory cmd=set ttl=0 clsid=0 cfd=\d+ size=0$/,
      )
      watcher.close()
      client.close()
    }))
})

describe('An event of another origin', () => {
  it('is reported: datagrams look items up, as a connection without a number', async () => {
    const udpPort = await freePort()
    await withServer({ options: ['-U', `${udpPort}`, '-t', '1'] }, async (server) => {
      const watcher = await Watcher.open(server, 'fetchers')
      const client = await DatagramClient.open(udpPort)
      expect(`${await client.ask(1, line('get a'))}`).to.equal('END\r\n')
      expect(await watcher.nextLine()).to.equal('type=item_get key=a status=not_found clsid=0 cfd=0 size=0')
      // No connection is left to notify later.
      expect(`${await client.ask(2, line('watch'))}`).to.equal('ERROR\r\n')
      expect((await statistics(server)).get('log_watchers')).to.equal('1')
      client.close()
      watcher.close()
    })
  })

  it('is reported: connections that were idle for too long; a watcher is not idle', async function () {
    this.slow(5000)
    await withServer({ options: ['-o', 'idle_timeout=1', '-t', '1'] }, async (server) => {
      const watcher = await Watcher.open(server, 'connevents')
      const client = await server.connect()
      await client.receiveRest()
      client.close()
      const [, ended] = await watcher.nextLife()
      expect(ended).to.match(/ reason=idle_timeout cfd=\d+$/)
      await sleep(700)
      expect((await statistics(server)).get('log_watchers')).to.equal('1')
      watcher.close()
    })
  })

  it('never comes before replies that wait for the journal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'watch-'))
    await withServer({ options: ['--data', folder, '--fsync', 'always', '-t', '1'] }, async (server) => {
      const [watcher, client] = [await server.connect(), await server.connect()]
      await ask(client, 'mn', 'MN')
      for (const key of ['a', 'b', 'c']) client.send(line(`set ${key} 0 0 1\r\n1`))
      watcher.send(line('set mine 0 0 1\r\n1\r\nwatch fetchers'))
      const sets = Array.from({ length: 50 }, (_, index) => `set k${index} 0 0 1 noreply\r\n1`).join('\r\n')
      await ask(client, `${sets}\r\nget last`, 'END')
      let text = ''
      while (!text.includes('key=last')) text += await nextOf(watcher)
      expect(text).to.match(/^STORED\r\nOK\r\n(ts=\d+\.\d{6} gid=\d+ type=item_get key=\S+ status=.*\n)+$/)
      watcher.close()
      client.close()
    })
    rmSync(folder, { recursive: true })
  })
})

const nextOf = async (connection: Connection): Promise<string> =>
  (await connection.receiveUntil(LINE_FEED)).toString('latin1')
