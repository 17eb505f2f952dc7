import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'
import { eventually } from '../support/eventually.js'
import { useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { ask, LINE_FEED, statistics, Watcher, withServer } from '../support/watcher.js'

describe('A watcher that does not read', () => {
  it('delays no client, and receives the count of skipped lines', () =>
    withServer({ options: ['-t', '1', '-o', 'watcher_logbuf_size=8'] }, async (server) => {
      const watcher = await Watcher.open(server, 'fetchers')
      watcher.connection.pause()
      const client = await server.connect()
      const gets = line(`get ${'#'.repeat(190)}`)
      const batch = Buffer.concat(Array(200).fill(gets))
      await ask(client, 'mn', 'MN')
      for (let round = 0; round < 200; round++) {
        client.send(batch)
        await client.receive(200 * 5)
      }
      const counts = await statistics(server)
      expect(Number(counts.get('log_watcher_skipped'))).greaterThan(0)
      watcher.connection.resume()
      let text = ''
      while (!text.includes('\nskipped=')) text += await watcher.nextWhole()
      await ask(client, 'get after', 'END')
      while (!text.includes('key=after')) text += await watcher.nextWhole()
      const rest = text.slice(text.lastIndexOf('skipped='))
      expect(rest).to.match(/^skipped=[1-9]\d*\n(ts=.*\n)*ts=\S+ gid=\d+ type=item_get key=after .*\n$/)
      watcher.close()
      client.close()
    }))
})

describe('watch', () => {
  const server = useServer({ options: ['-t', '1'] })

  it('of an unknown word is an error, and the connection stays open', async () => {
    const client = await server().connect()
    await ask(client, 'watch nonsense', 'ERROR')
    await ask(client, 'watch fetchers nonsense', 'ERROR')
    await ask(client, 'watch FETCHERS', 'ERROR')
    await ask(client, 'mn', 'MN')
    client.close()
  })

  it('is allowed for twenty connections at a time', async () => {
    const watchers: Watcher[] = []
    for (let count = 0; count < 20; count++) watchers.push(await Watcher.open(server(), 'sysevents'))
    const client = await server().connect()
    await ask(client, 'watch', 'WATCHER_TOO_MANY log watcher limit reached')
    watchers.pop()!.close()
    await eventually('19', async () => (await statistics(server())).get('log_watchers')!)
    await ask(client, 'watch', 'OK')
    for (const watcher of watchers) watcher.close()
    client.close()
    await eventually('0', async () => (await statistics(server())).get('log_watchers')!)
  })

  it('reports the requests of other connections, not those that follow it on its own', async () => {
    const [watcher, client] = [await server().connect(), await server().connect()]
    watcher.send(line('get before\r\nwatch\r\nget behind'))
    expect(`${await watcher.receive(9)}`).to.equal('END\r\nOK\r\n')
    await ask(client, 'get other', 'END')
    expect(`${await watcher.receiveUntil(LINE_FEED)}`).to.match(/key=other/)
    watcher.close()
    client.close()
  })

  it('reports items that are found expired', async () => {
    const [watcher, client] = [await Watcher.open(server(), 'fetchers'), await server().connect()]
    await ask(client, 'set a 0 -1 1\r\n1', 'STORED')
    await ask(client, 'set b 0 0 1\r\n1', 'STORED')
    await ask(client, 'get a', 'END')
    await ask(client, 'flush_all', 'OK')
    await ask(client, 'get b', 'END')
    const lines = await watcher.next(4)
    expect(lines.slice(2).map((each) => /key=\S+ status=\S+/.exec(each)![0])).to.deep.equal([
      'key=a status=expired',
      'key=b status=flushed',
    ])
    watcher.close()
    client.close()
  })

  it('is refused with -W', () =>
    withServer({ options: ['-W'] }, async (refusing) => {
      const client = await refusing.connect()
      await ask(client, 'watch', 'CLIENT_ERROR watch commands not allowed')
      await ask(client, 'watch nonsense', 'CLIENT_ERROR watch commands not allowed')
      client.close()
    }))

  it('shows a connection over a unix socket as local', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'watch-'))
    await withServer({ socketPath: join(folder, 'socket'), options: ['-t', '1'] }, async (local) => {
      const watcher = await Watcher.open(local, 'connevents')
      const client = await local.connect()
      client.send(line('quit'))
      const [begun, ended] = await watcher.nextLife()
      expect(begun).to.match(/^type=conn_new rip=unix rport=0 transport=local cfd=\d+$/)
      expect(ended).to.match(/^type=conn_close rip=unix rport=0 transport=local reason=normal cfd=\d+$/)
      watcher.close()
      client.close()
    })
    rmSync(folder, { recursive: true })
  })

  it('does not keep a server from ending', async () => {
    const inside = await Server.start({ port: 0 })
    const socket = connect(inside.port, '127.0.0.1')
    socket.write('watch fetchers\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    const ended = new Promise((resolve) => socket.once('close', resolve))
    const begin = Date.now()
    await inside.stop()
    await ended
    expect(Date.now() - begin).lessThan(1000)
  })
})
