import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import type { RoomWaiter, SafetyWaiter } from '../../lib/journal/writing/waiters.js'
import type { ConnectionJournal } from '../../lib/server/connection/output/group-commit.js'
import type { ChangeListener } from '../../lib/store/listeners/change-listener.js'
import { ClientWithoutSocket } from '../support/client-without-socket.js'
import { line } from '../support/text-replies.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024

/** A journal that keeps nothing, and acts only when the spec says so. */
class HandJournal implements ConnectionJournal, ChangeListener {
  hasRoom = true
  isReady = true
  changeCount = 0
  commitCount = 0
  private readonly forSafety: SafetyWaiter[] = []
  private readonly forRoom: RoomWaiter[] = []

  stored = (): void => void this.changeCount++
  removed = (): void => void this.changeCount++
  forgotten = (): void => void this.changeCount++
  expired = (): void => undefined
  evicted = (): void => undefined
  flushBegins = (): void => undefined
  touched = (): void => void this.changeCount++
  flushed = (): void => void this.changeCount++
  flushDue = (): void => void this.changeCount++
  prefixFlushed = (): void => void this.changeCount++

  commit = (): void => void this.commitCount++
  isSafe = (count: number): boolean => count === 0 || this.isReady
  wait = (_count: number, waiter: SafetyWaiter): void => void this.forSafety.push(waiter)
  waitForRoom = (waiter: RoomWaiter): void => void this.forRoom.push(waiter)

  goOn(): void {
    this.hasRoom = true
    this.isReady = true
    for (const waiter of this.forRoom.splice(0)) waiter.roomMade()
    for (const waiter of this.forSafety.splice(0)) waiter.committed(true)
  }

  fail(): void {
    this.isReady = false
    this.changeCount--
    for (const waiter of this.forSafety.splice(0)) waiter.committed(false)
  }
}

/** The replies to a client whose lines arrive at once. */
const answerTo = (client: ClientWithoutSocket, ...requests: string[]): string =>
  client.ask(Buffer.concat(requests.map(line)))

/** How many rounds in a row the connection has been idle, after one more round. */
const idleRounds = (client: ClientWithoutSocket): number => client.connection.countIdleRound()

describe('While the journal has no room', () => {
  let kit: WorkerKit
  let journal: HandJournal
  let client: ClientWithoutSocket

  beforeEach(() => {
    kit = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto' })
    answerTo(new ClientWithoutSocket(kit.worker), 'set one 0 0 1', '1', 'set two 0 0 1', '2')
    journal = new HandJournal()
    journal.hasRoom = false
    kit.data.journal = journal
    kit.store.onChange(journal)
    client = new ClientWithoutSocket(kit.worker)
  })

  for (const [request, reply] of [
    ['set one 0 0 1\r\nx', 'STORED\r\n'],
    ['mg b25l b k v T100', 'VA 1 kb25l b\r\n1\r\n'],
    ['mg one N0 v', 'VA 1\r\n1\r\n'],
    ['gat 100 one none two', 'VALUE one 0 1\r\n1\r\nVALUE two 0 1\r\n2\r\nEND\r\n'],
    ['md one I', 'HD\r\n'],
    ['flush_all', 'OK\r\n'],
    ['flush_prefix o', 'OK\r\n'],
  ] as const)
    it(`a change waits, and is answered then as usual: ${JSON.stringify(request)}`, () => {
      expect(answerTo(client, 'get none', request, 'get none')).to.equal('END\r\n')
      journal.goOn()
      expect(client.answer).to.equal(`${reply}END\r\n`)
    })

  it('requests that change nothing are answered', () => {
    expect(answerTo(client, 'mg b25l b k v', 'gets none', 'mn')).to.equal(
      'VA 1 kb25l b\r\n1\r\nEND\r\nMN\r\n',
    )
  })

  it('a waiting connection is not idle', () => {
    answerTo(client, 'delete one')
    expect([idleRounds(client), idleRounds(client)]).to.deep.equal([0, 0])
    journal.goOn()
    expect([idleRounds(client), idleRounds(client)]).to.deep.equal([1, 2])
  })
})

describe('Replies to changes', () => {
  let kit: WorkerKit
  let journal: HandJournal

  beforeEach(() => {
    kit = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto' })
    journal = new HandJournal()
    journal.isReady = false
    kit.data.journal = journal
    kit.store.onChange(journal)
  })

  it('wait until the changes are safe, in every protocol, and replies to other requests do not', async () => {
    for (const request of ['set one 0 0 1\r\n1', 'ms one 1\r\n1']) {
      const client = new ClientWithoutSocket(kit.worker)
      journal.isReady = false
      expect(answerTo(client, request)).to.equal('')
      await nextTurn()
      expect(idleRounds(client)).to.equal(0)
      const other = new ClientWithoutSocket(kit.worker)
      expect(answerTo(other, 'get one')).to.equal('VALUE one 0 1\r\n1\r\nEND\r\n')
      journal.goOn()
      expect(client.answer).to.match(/^(STORED|HD)\r\n$/)
    }
  })

  it('of all connections need one write, at the end of a turn of the event loop', async () => {
    const clients = Array.from({ length: 5 }, () => new ClientWithoutSocket(kit.worker))
    for (const [index, client] of clients.entries()) answerTo(client, `set key${index} 0 0 1\r\n1`)
    journal.isReady = true
    expect(journal.commitCount).to.equal(0)
    await nextTurn()
    expect(journal.commitCount).to.equal(1)
    for (const client of clients) expect(client.answer).to.equal('STORED\r\n')
  })

  for (const [what, first, second, replies] of [
    [
      'keep their order, though the connection asks again before',
      'set one 0 0 1',
      'get one',
      'STORED VALUE one 0 1 1 END',
    ],
    [
      'that were not wanted are waited for by those that come later',
      'set one 0 0 1 noreply',
      'get two',
      'END',
    ],
  ] as const)
    it(what, async () => {
      const client = new ClientWithoutSocket(kit.worker)
      for (const request of [`${first}\r\n1`, second]) {
        expect(answerTo(client, request)).to.equal('')
        await nextTurn()
      }
      journal.goOn()
      expect(client.answer.replaceAll('\r\n', ' ').trim()).to.equal(replies)
    })

  it('are never sent when the changes are lost, not even that of a later mn', async () => {
    const client = new ClientWithoutSocket(kit.worker)
    answerTo(client, 'set one 0 0 1 noreply\r\n1')
    await nextTurn()
    journal.fail()
    expect(answerTo(client, 'mn')).to.equal('')
    await nextTurn()
    journal.fail()
    expect(client.answer).to.equal('')
    expect(client.isDestroyed).to.equal(true)
  })

  it('do not delay a client that has changed nothing, even if there are other records', () => {
    const client = new ClientWithoutSocket(kit.worker)
    journal.changeCount++
    expect(answerTo(client, 'get one')).to.equal('END\r\n')
  })

  it('hold long values until they are sent, and no longer', async () => {
    const value = 'x'.repeat(100_000)
    answerTo(new ClientWithoutSocket(kit.worker), `set long 0 0 ${value.length} noreply\r\n${value}`)
    await nextTurn()
    journal.goOn()
    const client = new ClientWithoutSocket(kit.worker)
    for (let turn = 0; turn < 3; turn++) {
      journal.isReady = false
      answerTo(client, 'set one 0 0 1\r\n1', 'get long')
      await nextTurn()
      expect(kit.store.segments.pool.pinnedCount).to.be.above(0)
      // The next one joins a group before the one before it has gone.
      answerTo(client, 'get one')
      journal.goOn()
      expect(kit.store.segments.pool.pinnedCount).to.equal(0)
      await nextTurn()
      expect(client.answer).to.have.length.above(value.length)
    }
  })

  it('share windows, and give them all back', async () => {
    const { pool } = kit.worker
    const { takenCount } = pool
    const clients = Array.from({ length: 100 }, () => new ClientWithoutSocket(kit.worker))
    for (const [index, client] of clients.entries()) answerTo(client, `set key${index} 0 0 1\r\n1`)
    await nextTurn()
    expect(pool.takenCount - takenCount).to.be.at.most(1)
    journal.goOn()
    for (const client of clients) expect(client.answer).to.equal('STORED\r\n')
    expect(pool.takenCount).to.equal(takenCount)
  })
})
