import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { exchange, statistic } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, reply, request, statusOf, valueIn } from '../support/frames.js'
import { useServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'
import { WIRES } from '../support/wires.js'

/** The number of connects under way: more do not fit into the listener's backlog, and time out on a busy machine. */
const PORTION_COUNT = 200

async function connectMany(count: number, connect: () => Promise<Connection>): Promise<Connection[]> {
  const connections: Connection[] = []
  while (connections.length < count) {
    const portion = Math.min(PORTION_COUNT, count - connections.length)
    connections.push(...(await Promise.all(Array.from({ length: portion }, connect))))
  }
  return connections
}

describe('Two thousand connections at once', () => {
  /** 16 MB of uncollected garbage would be counted as memory of the connections. */
  const environment = { NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --max-semi-space-size=1` }
  const server = useServer({ options: ['-c', '8192'], environment })
  /** With these the heap grows as far as the code for any connection needs, which is 4 to 11 kB for each, by Node version. */
  const FIRST_COUNT = 2000
  /** Twice what each of the next connections takes, in all versions of Node. */
  const RESIDENT_LENGTH_MAX = 4000

  const connect = (count: number) => connectMany(count, () => server().connect())

  /** Sends each connection its own request. */
  async function exchangeAll(
    connections: readonly Connection[],
    requestFor: (n: number) => Buffer,
  ): Promise<Buffer[]> {
    const replies: Buffer[] = []
    while (replies.length < connections.length) {
      const start = replies.length
      const portion = connections.slice(start, start + PORTION_COUNT)
      const asked = portion.map((connection, index) => exchange(connection, requestFor(start + index)))
      replies.push(...(await Promise.all(asked)))
    }
    return replies
  }

  async function expectServed(connections: readonly Connection[], name: string): Promise<void> {
    const otherOf = (n: number) => connections.length - 1 - n
    const stored = await exchangeAll(connections, (n) =>
      request(Op.SET, { key: `${name} ${n}`, value: `${n}`, extras: itemExtras() }),
    )
    expect(stored.every((frame) => statusOf(frame) === 0)).to.equal(true)
    const values = await exchangeAll(connections, (n) => request(Op.GET, { key: `${name} ${otherOf(n)}` }))
    expect(values.map((frame) => `${valueIn(frame)}`)).to.deep.equal(
      connections.map((_, n) => `${otherOf(n)}`),
    )
  }

  it('are all served, and use little while they are idle', async function () {
    this.slow(10_000)
    const first = await connect(FIRST_COUNT)
    await expectServed(first, 'first')
    const residentBefore = server().residentLength
    const connections = await connect(2000)
    await expectServed(connections, 'key')
    expect((server().residentLength - residentBefore) / 2000).to.be.lessThan(RESIDENT_LENGTH_MAX)
    expect(await statistic(first[0]!, 'curr_connections')).to.be.greaterThan(2000)
    for (const connection of [...first, ...connections]) connection.close()
  })
})

for (const { name, over } of WIRES)
  describe(`More connections than are allowed, over ${name},`, () => {
    const limit = 100
    const server = useServer(over({ options: ['-c', `${limit}`] }))

    it('get an error and are closed, are counted, and do not disturb the others', async () => {
      const accepted: Connection[] = []
      const refused: Connection[] = []
      while (refused.length < 3) {
        const connection = await server().connect()
        connection.send(request(Op.NOOP))
        const answer = await connection.receiveUntilOrEnd(reply(Op.NOOP))
        if (answer.ending === undefined) {
          accepted.push(connection)
          continue
        }
        expect(answer).to.deep.equal({
          bytes: Buffer.from('ERROR Too many open connections\r\n'),
          ending: 'end of stream',
        })
        refused.push(connection)
      }
      expect(accepted.length).to.be.within(limit / 2, limit)
      for (const connection of accepted) await exchange(connection, request(Op.NOOP))
      expect(await statistic(accepted[0]!, 'rejected_connections')).to.equal(refused.length)

      const leaving = accepted.pop()!
      leaving.send(request(Op.QUITQ))
      await leaving.receiveRest()
      // The client sees the end a moment before the thread that accepts does.
      const connectionCount = () => statistic(accepted[0]!, 'curr_connections')
      expect(await eventually(accepted.length, connectionCount)).to.equal(accepted.length)
      const next = await server().connect()
      await exchange(next, request(Op.NOOP))
      for (const connection of [next, leaving, ...accepted, ...refused]) connection.close()
    })
  })

for (const { name, over } of WIRES)
  describe(`A connection beyond -c, with several threads, over ${name},`, () => {
    const server = useServer(over(withThreads(2, ['-c', '10'])))

    /** Waits until it is the only one: the connections of the spec before may not be closed yet. */
    async function connectAlone(): Promise<Connection> {
      for (;;) {
        const connection = await server().connect()
        connection.send(request(Op.NOOP))
        const { ending } = await connection.receiveUntilOrEnd(reply(Op.NOOP))
        if (ending === undefined && (await statistic(connection, 'curr_connections')) === 1) return connection
        connection.close()
        await sleep(10)
      }
    }

    it('is counted when another asks right after it', async () => {
      const first = await connectAlone()
      const countNow = () => statistic(first, 'rejected_connections')
      const others = await connectMany(9, () => server().connect())
      const counts: number[] = []
      for (let n = 0; n < 100; n++) {
        const refused = await server().connect()
        counts.push(await countNow())
        refused.close()
      }
      expect(counts).to.deep.equal(Array.from({ length: 100 }, (_, n) => n + 1))
      for (const connection of [first, ...others]) connection.close()
    })

    it('is counted with all that came at the same time', async () => {
      const first = await connectAlone()
      const before = await statistic(first, 'rejected_connections')
      const others = await connectMany(109, () => server().connect())
      expect(await statistic(first, 'rejected_connections')).to.equal(before + 100)
      for (const connection of [first, ...others]) connection.close()
    })
  })
