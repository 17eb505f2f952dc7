import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Client, type ClientOptions } from '../../../lib/client/index.js'
import { codeOf } from '../support/code-of.js'
import { ScriptedServer } from '../support/scripted-server.js'
import { take } from './take-changes.js'

const PATIENT: ClientOptions = { timeout: 30_000 }
const HISTORY = '0123456789abcdef'
const UP_TO = (number: number): string => `${HISTORY}.${number}`

describe('A client that follows changes', () => {
  let scripted: ScriptedServer
  let client: Client
  /** The requests that have arrived. */
  let requests: string[]

  afterEach(async () => {
    await client.close()
    await scripted.stop()
  })

  /** Each connection gets its own part of the replies, and is then ended if there is another part. */
  async function start(...parts: readonly string[]): Promise<void> {
    requests = []
    scripted = await ScriptedServer.start((socket) => {
      socket.once('data', (line) => {
        const part = parts[requests.length] ?? ''
        requests.push(`${line}`.trim())
        if (requests.length < parts.length) socket.end(part)
        // In pieces, so that what waits to be sent can be seen.
        else for (let at = 0; at < part.length; at += 100_000) socket.write(part.slice(at, at + 100_000))
      })
    })
    client = new Client(scripted.name, PATIENT)
  }

  it('resumes behind the last change when the connection is lost', async () => {
    await start(
      `OK\r\nkind=position position=${UP_TO(1)}\nkind=set position=${UP_TO(2)} key=a cas=1 size=1 ttl=-1\nkind=set posi`,
      `OK\r\nkind=set position=${UP_TO(3)} key=b cas=2 size=1 ttl=-1\n`,
    )
    const changes = await take(client, 3, { initial: true, prefix: 'a b' })
    expect(changes.map(({ kind, position }) => [kind, position])).deep.equal([
      ['position', UP_TO(1)],
      ['set', UP_TO(2)],
      ['set', UP_TO(3)],
    ])
    expect(requests).deep.equal([
      'watch changes prefix=a%20b initial',
      `watch changes prefix=a%20b initial since=${UP_TO(2)}`,
    ])
  })

  it('tells a gap when the connection is lost before there was a position', async () => {
    await start(
      'OK\r\nkind=item key=a cas=1 size=1 ttl=-1\n',
      `OK\r\nkind=item key=a cas=1 size=1 ttl=-1\nkind=position position=${UP_TO(2)}\n`,
    )
    const changes = await take(client, 4, { initial: true, values: true })
    expect(changes.map(({ kind }) => kind)).deep.equal(['item', 'gap', 'item', 'position'])
    expect(requests).deep.equal(['watch changes initial values', 'watch changes initial values'])
  })

  it('tries again when its first connections are cut, and then gives up', async () => {
    await start('', '', `OK\r\nkind=position position=${UP_TO(1)}\n`)
    expect((await take(client, 1)).length).equal(1)
    await client.close()
    await scripted.stop()
    await start('', '', '', `OK\r\nkind=position position=${UP_TO(1)}\n`)
    expect(await codeOf(take(client, 1))).equal('UNSUPPORTED')
    expect(requests.length).equal(3)
  })

  it('tells what it has received before it fails at a line that is no change', async () => {
    await start(`OK\r\nkind=position position=${UP_TO(1)}\nSERVER_ERROR\r\n`)
    const kinds: string[] = []
    const failed = (async () => {
      for await (const { kind } of client.changes()) kinds.push(kind)
    })()
    expect(await codeOf(failed)).equal('PROTOCOL')
    expect(kinds).deep.equal(['position'])
  })

  it('fails if the server is busy, or tells no changes after a restart', async () => {
    await start('SERVER_ERROR out of memory\r\n')
    expect(await codeOf(take(client, 1))).equal('SERVER')
    await client.close()
    await scripted.stop()
    await start(`OK\r\nkind=position position=${UP_TO(1)}\n`, 'SERVER_ERROR changes are off (--changes)\r\n')
    expect(await codeOf(take(client, 2))).equal('UNSUPPORTED')
  })

  it('reports lost connections as events', async () => {
    await start(`OK\r\nkind=position position=${UP_TO(1)}\n`, `OK\r\nkind=position position=${UP_TO(2)}\n`)
    const events: string[] = []
    client.events.on('connect', (server) => events.push(`connect ${server}`))
    client.events.on('disconnect', (server) => events.push(`disconnect ${server}`))
    await take(client, 2)
    expect(events).deep.equal(
      ['connect', 'disconnect', 'connect'].map((event) => `${event} ${scripted.name}`),
    )
  })

  it('does not read what its loop does not take', async () => {
    const value = Buffer.alloc(10_000, 'x').toString('base64')
    const count = 3000
    const lines = Array.from(
      { length: count },
      (_, index) =>
        `kind=set position=${UP_TO(index)} key=k cas=1 size=10000 ttl=-1 flags=0 value=${value}\n`,
    )
    await start(`OK\r\n${lines.join('')}`)
    const loop = client.changes({ values: true })
    await loop.next()
    // 40 MB are more than the buffers of the system, and the queue.
    const [socket] = scripted.sockets
    let waiting = -1
    while (waiting !== socket!.writableLength || waiting === 0) {
      waiting = socket!.writableLength
      await sleep(300)
    }
    expect(waiting).above(20_000_000)
    for (let index = 1; index < count; index++) {
      const { value: change } = await loop.next()
      expect(change.position).equal(UP_TO(index))
    }
    await loop.return!()
  })
})
