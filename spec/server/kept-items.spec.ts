/** Every kind of change survives the end of its server unchanged, including the cas and the marks of meta. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type ServerProcess, startServer } from '../support/server.js'
import { line } from '../support/text-replies.js'

/** What is sent before the end, and after the restart. Each row has a key of its own. */
interface Kept {
  readonly what: string
  readonly sent: readonly string[]
  readonly asked: string
  readonly told: RegExp
}

const LONG = 'x'.repeat(100_000)

const KEPT: readonly Kept[] = [
  {
    what: 'its own cas',
    sent: ['ms own 5 E18446744073709551615 F7', 'value'],
    asked: 'mg own c f v',
    told: /^VA 5 c18446744073709551615 f7\r\nvalue\r\n$/,
  },
  {
    what: 'its own cas, of a long value',
    sent: [`ms ownlong ${LONG.length} E9`, LONG],
    asked: 'mg ownlong c s',
    told: /^HD c9 s100000\r\n$/,
  },
  {
    what: 'its own cas, of a counter that was created and counted',
    sent: ['ma owncount N0 J7 E98', 'ma owncount E99'],
    asked: 'mg owncount c v',
    told: /^VA 1 c99\r\n8\r\n$/,
  },
  {
    what: 'its own cas, after an append',
    sent: ['set ownadd 0 0 1', 'a', 'ms ownadd 1 MA E4294967296', 'b'],
    asked: 'mg ownadd c v',
    told: /^VA 2 c4294967296\r\nab\r\n$/,
  },
  {
    what: 'its own cas after a touch in place',
    sent: ['ms owntouch 1 E5 T9', 'x', 'mg owntouch T1000'],
    asked: 'mg owntouch c t',
    told: /^HD c5 t(1000|99\d)\r\n$/,
  },
  {
    what: 'its own cas after a touch that had to copy the item',
    sent: ['ms owncopy 1 E5', 'x', 'touch owncopy 1000'],
    asked: 'mg owncopy c t',
    told: /^HD c5 t(1000|99\d)\r\n$/,
  },
  {
    what: 'no own cas after a change without one',
    sent: ['ms dropped 1 E5', '1', 'incr dropped 1'],
    asked: 'mg dropped c v',
    told: /^VA 1 c(?!5\r)\d+\r\n2\r\n$/,
  },
  {
    what: 'the cas of an item that was emptied, and not its value',
    sent: ['ms emptied 5 E12 F3', 'value', 'md emptied x'],
    asked: 'mg emptied c f v',
    told: /^VA 0 c12 f0\r\n\r\n$/,
  },
  {
    what: 'that an item is stale',
    sent: ['set stale 0 0 1', 'x', 'md stale I'],
    asked: 'mg stale v',
    told: /^VA 1 X W\r\nx\r\n$/,
  },
  {
    what: 'that an item is stale, its new cas, and its expiry',
    sent: ['ms stalein 1 E5 T9', 'x', 'md stalein I E6 T1000'],
    asked: 'mg stalein c t v',
    told: /^VA 1 c6 t(1000|99\d) X W\r\nx\r\n$/,
  },
  {
    what: 'that an item is stale after a touch that had to copy it',
    sent: ['set stalecopy 0 0 1', 'x', 'md stalecopy I', 'touch stalecopy 1000'],
    asked: 'mg stalecopy t v',
    told: /^VA 1 t(1000|99\d) X W\r\nx\r\n$/,
  },
  {
    what: 'that a long value is stale',
    sent: [`set stalelong 0 0 ${LONG.length}`, LONG, 'md stalelong I'],
    asked: 'mg stalelong s',
    told: /^HD s100000 X W\r\n$/,
  },
  {
    what: 'a stale value that was stored after an invalidation, with its cas and the earlier expiry',
    sent: ['ms late 1 E100 T1000', 'a', 'ms late 1 I C50 E101 T9', 'b'],
    asked: 'mg late c t v',
    told: /^VA 1 c101 t(1000|99\d) X W\r\nb\r\n$/,
  },
  {
    what: 'that an item is fresh again',
    sent: ['set fresh 0 0 1', 'x', 'md fresh I', 'set fresh 0 0 1', 'y'],
    asked: 'mg fresh v',
    told: /^VA 1\r\ny\r\n$/,
  },
  {
    what: 'an item that a get has created',
    sent: ['mg made N1000 E77'],
    asked: 'mg made c t s',
    told: /^HD c77 t(1000|99\d) s0( Z)?\r\n$/,
  },
  {
    what: 'another expiry, changed in place',
    sent: ['set touched 0 9 1', 'x', 'gat 1000 touched'],
    asked: 'mg touched t',
    told: /^HD t(1000|99\d)\r\n$/,
  },
  {
    what: 'another expiry, of an item that had none',
    sent: ['set lasting 0 0 1', 'x', 'mg lasting T1000'],
    asked: 'mg lasting t',
    told: /^HD t(1000|99\d)\r\n$/,
  },
  {
    what: 'that an item has no expiry',
    sent: ['set forever 0 9 1', 'x', 'touch forever 0'],
    asked: 'mg forever t',
    told: /^HD t-1\r\n$/,
  },
  {
    what: 'what was put before and after a value',
    sent: ['set joined 3 0 1', 'b', 'prepend joined 0 0 1', 'a', 'append joined 0 0 1', 'c'],
    asked: 'get joined',
    told: /^VALUE joined 3 3\r\nabc\r\nEND\r\n$/,
  },
  {
    what: 'counters, counted in place and longer than before',
    sent: ['set count 0 0 1', '8', 'incr count 1', 'incr count 1', 'decr count 2'],
    asked: 'get count',
    told: /^VALUE count 0 2\r\n8 \r\nEND\r\n$/,
  },
  {
    what: 'a counter that got another expiry with the count',
    sent: ['set timed 0 9 1', '1', 'ma timed T1000'],
    asked: 'mg timed t v',
    told: /^VA 1 t(1000|99\d)\r\n2\r\n$/,
  },
  {
    what: 'that an item was deleted',
    sent: ['set gone 0 0 1', 'x', 'md gone'],
    asked: 'mg gone v',
    told: /^EN\r\n$/,
  },
]

/** Each line is a request or the value of one. */
const CHANGES = KEPT.flatMap(({ sent }) => sent)

describe('A server that keeps its items', function () {
  this.slow(3000)
  let folder = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-items-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const start = (name: string): Promise<ServerProcess> =>
    startServer({ options: ['--data', join(folder, name), '--fsync', 'always'] })

  async function ask(server: ServerProcess, ...requests: string[]): Promise<string> {
    const connection = await server.connect()
    connection.send(Buffer.concat([...requests, 'quit'].map(line)))
    const { bytes } = await connection.receiveRest()
    connection.close()
    return bytes.toString('latin1')
  }

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    describe(`has after ${signal}`, () => {
      let server: ServerProcess

      before(async () => {
        const before = await start(signal)
        expect(await ask(before, ...CHANGES)).not.to.match(/ERROR|NOT_STORED|NF|NS|EX/)
        await before.stop(signal)
        server = await start(signal)
      })
      after(() => server.stop('SIGKILL'))

      for (const { what, asked, told } of KEPT)
        it(what, async () => {
          expect(await ask(server, asked)).to.match(told)
        })
    })

  it('has the same cas as before: of items that were stored, touched and emptied', async () => {
    const before = await start('cas')
    await ask(before, 'set stored 0 0 1', 'x', 'set touched 0 0 1', 'x', 'touch touched 1000')
    await ask(before, 'set emptied 0 0 1', 'x', 'md emptied x')
    const asked = ['mg stored c s', 'mg touched c s', 'mg emptied c s']
    const told = await ask(before, ...asked)
    expect(told).to.match(/^HD c\d+ s1\r\nHD c\d+ s1\r\nHD c\d+ s0\r\n$/)
    await before.stop('SIGKILL')
    const after = await start('cas')
    expect(await ask(after, ...asked)).to.equal(told)
    await after.stop('SIGKILL')
  })

  it('keeps after an orderly end that a client was asked to renew an item', async () => {
    const before = await start('token')
    expect(await ask(before, 'set stale 0 0 1', 'x', 'md stale I', 'mg stale')).to.match(/HD X W\r\n$/)
    await before.stop('SIGTERM')
    const after = await start('token')
    expect(await ask(after, 'mg stale')).to.equal('HD Z X\r\n')
    await after.stop('SIGKILL')
  })
})
