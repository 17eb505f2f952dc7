import type { Socket } from 'node:net'
import { expect } from 'chai'
import { Client, type ClientOptions } from '../../../lib/client/index.js'
import { ConnectionPool } from '../../../lib/client/pool/pool.js'
import { POOL_DEFAULTS } from '../../../lib/client/pool/pool-options.js'
import { eventually } from '../../support/eventually.js'
import { codeOf } from '../support/code-of.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

/** Deadlines that pass in a spec pass soon; those that must not are far away. */
const SOON = 60
const LATER = 30_000

describe('a server that is silent', () => {
  let server: ScriptedServer
  let client: Client
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  async function begin(onSocket: (socket: Socket) => void, options: ClientOptions = {}): Promise<void> {
    server = await ScriptedServer.start(onSocket)
    client = new Client(server.name, { protocol: 'text', timeout: LATER, pool: { max: 1 }, ...options })
  }

  it('gets the calls that wait as soon as it replies again', async () => {
    await begin(() => {})
    const late = client.get('late', { timeout: SOON })
    const slow = client.get('slow')
    expect(await codeOf(late)).equal('TIMEOUT')
    const waiting = client.get('waiting')
    await server.untilLines(2)
    server.sockets[0]!.write('END\r\n')
    await server.untilLines(3)
    server.sockets[0]!.write('END\r\nEND\r\n')
    expect(await Promise.all([slow, waiting])).deep.equal([undefined, undefined])
  })

  it('is given up if it accepts a connection and does not reply, and another connection is opened', async () => {
    const replies = replyToLines((line) => (line === 'mn' ? 'MN\r\n' : 'EN\r\n'))
    await begin((socket) => server.sockets.length > 1 && replies(socket), { protocol: 'meta', timeout: SOON })
    await client.get('a').catch(() => undefined)
    await eventually(true, async () =>
      client.get('b').then(
        () => true,
        () => false,
      ),
    )
    expect(server.sockets.length).greaterThan(1)
  })

  it('loses a connection on which nothing arrives any more, although it replied to a call after the others were sent', async () => {
    const hangAfterA = replyToLines((line, socket) => {
      if (line !== 'get a') return undefined
      socket.pause()
      return 'END\r\n'
    })
    const replies = replyToLines(() => 'END\r\n')
    await begin((socket) => (server.sockets.length === 1 ? hangAfterA : replies)(socket), {
      timeout: SOON,
      breaker: false,
    })
    const replied = client.get('a', { timeout: LATER })
    const overdue = [codeOf(client.get('b')), codeOf(client.get('c'))]
    expect(await replied).equal(undefined)
    expect(await Promise.all(overdue)).deep.equal(['TIMEOUT', 'TIMEOUT'])
    await eventually(undefined, () => client.get('d', { timeout: LATER }).catch((error) => error.code))
    expect(server.sockets.length).equal(2)
  })

  it('is given so long to take bytes as a call has, and not less than ten seconds', async () => {
    await begin(() => {})
    const writeTimeouts: (number | undefined)[] = []
    for (const timeout of [1000, 20_000]) {
      const other = new Client(server.name, {
        timeout,
        pool(connectionOptions, observer) {
          writeTimeouts.push(connectionOptions.net.writeTimeoutMs)
          return new ConnectionPool(connectionOptions, POOL_DEFAULTS, observer)
        },
      })
      await other.close()
    }
    expect(writeTimeouts).deep.equal([10_000, 20_000])
  })

  it('does not keep a connection that is at the end of its life, and whose calls have all failed', async () => {
    await begin(() => {}, { pool: { max: 1, lifetimeMs: 1 } })
    const late = client.get('late', { timeout: 1500 })
    const replied = client.get('replied', { timeout: 1500 })
    await server.untilLines(2)
    server.sockets[0]!.write('END\r\n')
    expect(await late).equal(undefined)
    expect(await codeOf(replied)).equal('TIMEOUT')
    await eventually(1, async () => client.statistics()[server.name]!.pool.destroyed)
  })
})
