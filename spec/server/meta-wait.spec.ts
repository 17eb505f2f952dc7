import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { DatagramClient } from '../support/datagram-client.js'
import { eventually } from '../support/eventually.js'
import { freePort, useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { withThreads } from '../support/threads.js'
import { ask, statistics, withServer } from '../support/watcher.js'

/** The reply to one request, without the end of its line. */
async function replyTo(connection: Connection, request: string): Promise<string> {
  connection.send(line(request))
  return (await connection.receiveUntil(line(''))).toString('latin1').trimEnd()
}

const casOf = async (connection: Connection, key: string): Promise<string> =>
  (await replyTo(connection, `mg ${key} c`)).slice('HD c'.length)

/** The waiter, two clients, and the connection that asks for it. */
const OPEN_COUNT = 4

for (const threads of [1, 2])
  describe(`Waiting for a key, with ${threads} threads`, () => {
    const server = useServer(withThreads(threads, ['--changes', '1m', '-m', '32']))
    let waiter: Connection
    /** With two threads, one of them is served by the other one. */
    let clients: Connection[]

    beforeEach(async () => {
      waiter = await server().connect()
      clients = [await server().connect(), await server().connect()]
      await ask(clients[0]!, 'flush_all', 'OK')
    })

    afterEach(() => {
      for (const client of [waiter, ...clients]) client.close()
    })

    /** Sends the request, and makes sure that it waits. */
    async function wait(request: string): Promise<void> {
      waiter.send(line(request))
      await replyTo(clients[0]!, 'mg nothing')
      await replyTo(clients[1]!, 'mg nothing')
    }

    const received = async (fence: string): Promise<string> =>
      (await waiter.receiveUntil(line(fence))).toString('latin1').trimEnd()

    it('answers at once if the cas is another one', async () => {
      await ask(clients[0]!, 'set k 0 0 4\r\nfour', 'STORED')
      const cas = await casOf(clients[0]!, 'k')
      expect(await replyTo(waiter, 'mw k c99999 T60')).equal(`HD c${cas}`)
      expect(await replyTo(waiter, 'mw k T60 k t s f O7 c0')).equal(`HD kk t-1 s4 f0 O7 c${cas}`)
      expect(await replyTo(waiter, 'mw none c99999 T60 O7')).equal('EN O7')
    })

    for (const from of [0, 1])
      it(`answers once client ${from} changes the item`, async () => {
        const client = clients[from]!
        await ask(client, 'set k 0 0 4\r\nfour', 'STORED')
        for (const change of ['set k 5 0 3\r\nnew', 'append k 0 0 1\r\n!', 'md k I']) {
          await wait(`mw k c${await casOf(client, 'k')} T60 v f`)
          await replyTo(client, change)
          expect(await received('')).match(/^VA \d c\d+ f5?0?( X W)?\r\n/)
        }
      })

    for (const removal of ['delete k', 'flush_all', 'md k'])
      it(`says that the item is missing after ${removal}`, async () => {
        await ask(clients[1]!, 'set k 0 0 4\r\nfour', 'STORED')
        await wait(`mw k c${await casOf(clients[1]!, 'k')} T60 v O1`)
        await replyTo(clients[1]!, removal)
        expect(await received('')).equal('EN O1')
      })

    it('says that the item is missing after the flush of what its key begins with', async () => {
      await ask(clients[1]!, 'set key 0 0 4\r\nfour', 'STORED')
      await wait(`mw key c${await casOf(clients[1]!, 'key')} T60 O1`)
      await replyTo(clients[1]!, 'flush_prefix k')
      expect(await received('')).equal('EN O1')
    })

    it('says that the item is missing when it has expired', async () => {
      await ask(clients[1]!, 'set k 0 1 4\r\nfour', 'STORED')
      await wait(`mw k c${await casOf(clients[1]!, 'k')} T60`)
      expect(await received('')).equal('EN')
    })

    it('waits with c0 until there is an item', async () => {
      await wait('mw a2V5 c0 T60 b k v')
      await ask(clients[0]!, 'set other 0 0 1\r\n1', 'STORED')
      await ask(clients[1]!, 'set key 0 0 4\r\nfour', 'STORED')
      const cas = await casOf(clients[1]!, 'key')
      expect(await received('four')).equal(`VA 4 c${cas} ka2V5 b\r\nfour`)
    })

    it('is not woken by what does not change the cas, and never touches the item', async () => {
      await ask(clients[1]!, 'set k 0 100 4\r\nfour', 'STORED')
      await wait(`mw k c${await casOf(clients[1]!, 'k')} T2 t O1`)
      await ask(clients[1]!, 'touch k 200', 'TOUCHED')
      expect(await received('')).equal('NS O1')
      expect(await replyTo(waiter, 'mg k t')).match(/^HD t(199|198|197|196|195)$/)
      expect(await replyTo(waiter, 'mw k c0 T5 t')).match(/^HD c\d+ t19\d$/)
    })

    it('answers at once with no time', async () => {
      expect(await replyTo(waiter, 'mw k c0 T0')).equal('NS')
      expect(await replyTo(waiter, 'mw k c0 T-1')).equal('NS')
    })

    it('answers later requests of the connection afterwards, in their order', async () => {
      await wait('mg one\r\nmw k c0 T60\r\nmg two\r\nmw l c0 T60 O1\r\nmn')
      waiter.send(line('set three 0 0 5'))
      await replyTo(clients[0]!, 'mg nothing')
      waiter.send(line('three\r\nmg three v'))
      await ask(clients[0]!, 'set l 0 0 1\r\n1', 'STORED')
      await ask(clients[1]!, 'set k 0 0 1\r\n1', 'STORED')
      expect(await received('VA 5\r\nthree')).match(
        /^EN\r\nHD c\d+\r\nEN\r\nHD c\d+ O1\r\nMN\r\nSTORED\r\nVA 5\r\nthree$/,
      )
    })

    it('keeps as much as a read of what comes meanwhile, and reads on afterwards', async () => {
      await wait('mw k c0 T60')
      const sets = Array.from({ length: 2000 }, (_, index) => `set key:${index} 0 0 40\r\n${'x'.repeat(40)}`)
      await Promise.all([
        waiter.sendAll(line(sets.join('\r\n'))),
        ask(clients[0]!, 'set k 0 0 1\r\n1', 'STORED'),
      ])
      const length = 2000 * 'STORED\r\n'.length
      const replies = await received('')
      let text = replies
      while (!text.endsWith('STORED') || text.length < length) text += await waiter.receive(1)
      expect(text.match(/STORED/g)!.length).equal(2000)
    })

    it('notices clients that are gone', async () => {
      const connectionCount = async () => Number((await statistics(server())).get('curr_connections'))
      // Those of the specs before are closed when the server has noticed it.
      await eventually(OPEN_COUNT, connectionCount)
      const gone = await Promise.all(Array.from({ length: 20 }, () => server().connect()))
      for (const connection of gone) connection.send(line('mw k c0 T3600'))
      for (const connection of gone) await replyTo(clients[0]!, `mg ${connection.unsentLength}`)
      for (const [index, connection] of gone.entries()) {
        if (index % 2 === 0) connection.reset()
        else connection.close()
      }
      await eventually(OPEN_COUNT, connectionCount)
      await ask(clients[0]!, 'set k 0 0 1\r\n1', 'STORED')
    })

    for (const request of ['mw k T1', 'mw k c1', 'mw k cx T1', 'mw k c T1', 'mw k c1 Tx'])
      it(`refuses ${request}`, async () => {
        expect(await replyTo(waiter, request)).equal('CLIENT_ERROR bad token in command line format')
      })

    it('refuses other mistakes as mg does', async () => {
      expect(await replyTo(waiter, 'mw')).equal('ERROR')
      expect(await replyTo(waiter, `mw ${'k'.repeat(251)} c1 T1`)).equal(
        'CLIENT_ERROR bad command line format',
      )
      expect(await replyTo(waiter, 'mw k c1 c2 T1')).equal('CLIENT_ERROR duplicate flag')
    })
  })

describe('Waiting for a key', () => {
  it('is refused while changes are not recorded', () =>
    withServer({ options: ['-t', '1'] }, async (server) => {
      const connection = await server.connect()
      expect(await replyTo(connection, 'mw k c0 T60')).equal('SERVER_ERROR changes are off (--changes)')
      expect(await replyTo(connection, 'mg k')).equal('EN')
      connection.close()
    }))

  it('is impossible for a datagram', async () => {
    const udpPort = await freePort()
    await withServer({ options: ['-t', '1', '--changes', '1m', '-U', `${udpPort}`] }, async (server) => {
      // The server has a socket for datagrams once it answers: one that comes earlier is lost.
      const connection = await server.connect()
      expect(await replyTo(connection, 'mg k')).equal('EN')
      connection.close()
      const client = await DatagramClient.open(udpPort)
      const reply = await client.ask(1, line('mw k c0 T60'))
      expect(reply.toString('latin1')).equal('CLIENT_ERROR bad command line format\r\n')
      client.close()
    })
  })
})
