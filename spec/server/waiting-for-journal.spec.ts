import { expect } from 'chai'
import type { Waiter } from '../../lib/journal/waiters.js'
import type { ConnectionJournal } from '../../lib/server/worker.js'
import { ClientWithoutSocket } from '../support/client-without-socket.js'
import { line } from '../support/text-replies.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024

/** A journal that does nothing before it is told to. */
class HandJournal implements ConnectionJournal {
  hasRoom = true
  isReady = true
  private readonly waiters: Waiter[] = []

  commit = (): number => 1
  isSafe = (): boolean => this.isReady
  wait = (_count: number, waiter: Waiter): number => this.waiters.push(waiter)
  waitForRoom = (waiter: Waiter): number => this.waiters.push(waiter)

  goOn(): void {
    this.hasRoom = true
    this.isReady = true
    for (const waiter of this.waiters.splice(0)) {
      waiter.roomMade()
      waiter.committed(true)
    }
  }
}

/** What a client hears who sends lines that come at once. */
const answerTo = (client: ClientWithoutSocket, ...requests: string[]): string =>
  client.ask(Buffer.concat(requests.map(line)))

/** So many rounds in a row the connection has been idle, after one more of them. */
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
    client = new ClientWithoutSocket(kit.worker)
  })

  for (const [request, reply] of [
    ['set one 0 0 1\r\nx', 'STORED\r\n'],
    ['mg b25l b k v T100', 'VA 1 kb25l b\r\n1\r\n'],
    ['mg one N0 v', 'VA 1\r\n1\r\n'],
    ['gat 100 one none two', 'VALUE one 0 1\r\n1\r\nVALUE two 0 1\r\n2\r\nEND\r\n'],
    ['md one I', 'HD\r\n'],
    ['flush_all', 'OK\r\n'],
  ] as const)
    it(`a change waits, and is answered then as if nothing had been: ${JSON.stringify(request)}`, () => {
      expect(answerTo(client, 'get none', request, 'get none')).to.equal('END\r\n')
      journal.goOn()
      expect(client.answer).to.equal(`${reply}END\r\n`)
    })

  it('what only asks is answered', () => {
    expect(answerTo(client, 'mg b25l b k v', 'gets none', 'mn')).to.equal(
      'VA 1 kb25l b\r\n1\r\nEND\r\nMN\r\n',
    )
  })

  it('who waits is not idle', () => {
    answerTo(client, 'delete one')
    expect([idleRounds(client), idleRounds(client)]).to.deep.equal([0, 0])
    journal.goOn()
    expect([idleRounds(client), idleRounds(client)]).to.deep.equal([1, 2])
  })
})

describe('While changes are not safe yet', () => {
  it('their replies wait, in every protocol, and those of others do not', () => {
    const kit = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto' })
    const journal = new HandJournal()
    kit.data.journal = journal
    const other = new ClientWithoutSocket(kit.worker)
    for (const request of ['set one 0 0 1\r\n1', 'ms one 1\r\n1']) {
      const client = new ClientWithoutSocket(kit.worker)
      journal.isReady = false
      expect(answerTo(client, request)).to.equal('')
      expect(idleRounds(client)).to.equal(0)
      journal.isReady = true
      expect(answerTo(other, 'get one')).to.equal('VALUE one 0 1\r\n1\r\nEND\r\n')
      journal.goOn()
      expect(client.answer).to.match(/^(STORED|HD)\r\n$/)
    }
  })
})
