/** What a connection does while the journal is not done with its changes. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { UnsafeJournal } from '../support/unsafe-journal.js'
import { WireByHand } from '../support/wire-by-hand.js'
import type { WorkerKit } from '../support/worker-kit.js'
import { open, set, takenBy } from './one-connection.js'

describe('Replies of a connection that wait for the journal', () => {
  const CHANGE = 'set key 0 0 1\r\nx\r\n'

  async function waiting(): Promise<{ kit: WorkerKit; wire: WireByHand; journal: UnsafeJournal }> {
    const opened = open()
    const journal = new UnsafeJournal(opened.kit.store)
    opened.kit.data.journal = journal
    expect(opened.wire.receive(CHANGE)).to.equal(true)
    await nextTurn()
    await nextTurn()
    return { ...opened, journal }
  }

  it('stop the reading until the changes are safe, and later requests are answered after them', async () => {
    const { kit, wire, journal } = await waiting()
    expect(wire.writes).to.deep.equal([])
    expect(wire.receive('version\r\n')).to.equal(false)
    expect(wire.connection.countIdleRound()).to.equal(0)
    await nextTurn()
    await nextTurn()
    journal.isSynced = true
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    await nextTurn()
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    expect(wire.text).to.equal('STORED\r\nVERSION 1.6.45\r\n')
    expect([wire.resumeCount, takenBy(kit)]).to.deep.equal([1, 0])
    expect(wire.receive('version\r\n')).to.equal(true)
    expect(wire.text).to.equal('VERSION 1.6.45\r\n')
  })

  it('are never sent if the changes are lost, and the connection is reset', async () => {
    const { kit, wire, journal } = await waiting()
    for (const waiter of journal.waiting.splice(0)) waiter.committed(false)
    expect([wire.writes.length, wire.isDestroyed]).to.deep.equal([0, true])
    wire.connection.closed()
    expect(takenBy(kit)).to.equal(0)
  })

  it('are not sent to a closed connection', async () => {
    const { kit, wire, journal } = await waiting()
    wire.connection.closed()
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    expect([wire.writes.length, wire.resumeCount, takenBy(kit)]).to.deep.equal([0, 0, 0])
  })

  it('resume their connection after the one that is being answered when they are sent', async () => {
    const { kit, wire, journal } = await waiting()
    wire.receive('get other\r\n')
    const another = new WireByHand(kit.worker, 2)
    const { engine } = kit.worker
    const execute = engine.execute.bind(engine)
    engine.execute = (request, reply) => {
      execute(request, reply)
      journal.isSynced = true
      for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    }
    another.receive('get key\r\nversion\r\n')
    expect(another.text).to.equal('VALUE key 0 1\r\nx\r\nEND\r\nVERSION 1.6.45\r\n')
    expect([wire.text, wire.resumeCount]).to.deep.equal(['STORED\r\n', 0])
    await nextTurn()
    await nextTurn()
    expect([wire.text, wire.resumeCount]).to.deep.equal(['END\r\n', 1])
  })

  it('keep windows and pins while the socket is full', async () => {
    const { kit, wire, journal } = await waiting()
    journal.isSynced = true
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    wire.receive(set('k', 40_000))
    await nextTurn()
    await nextTurn()
    journal.isSynced = false
    wire.writes = []
    wire.receive(`${CHANGE}get k\r\n`)
    await nextTurn()
    await nextTurn()
    wire.isFull = true
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    const { pool } = kit.store.segments
    expect([wire.connection.windowCount, pool.pinnedCount]).to.deep.equal([1, 1])
    wire.drain()
    expect([wire.connection.windowCount, pool.pinnedCount]).to.deep.equal([0, 0])
    expect(wire.text).to.match(/^STORED\r\nVALUE k 0 40000\r\n/)
    wire.receive('version\r\n')
    expect(takenBy(kit)).to.equal(0)
  })
})
