/** One connection, without a socket: when it reads, writes, and lets others go first, and what it holds meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Counter } from '../../lib/metrics/counters.js'
import { UnsafeJournal } from '../support/unsafe-journal.js'
import { WireByHand } from '../support/wire-by-hand.js'
import type { WorkerKit } from '../support/worker-kit.js'
import { MEGABYTE, OWN_WINDOW_COUNT, open, set, takenBy } from './one-connection.js'

const KIBIBYTE = 1024
const BATCH_LENGTH_MAX = 64 * KIBIBYTE
/** A value of this length is sent from its place in the store. */
const LINKED_LENGTH = 20_000
const TURN_LENGTH_MAX = 256 * KIBIBYTE

const repeated = (text: string, count: number): string => `${text}\r\n`.repeat(count)

describe('What a connection is doing', () => {
  const { kit, wire } = open()
  const { worker } = kit
  const shown = (): Record<string, string> => Object.fromEntries(worker.table.statistics(kit.clock.now))
  const state = (): string => shown()['1:state']!

  it('is shown by stats conns', () => {
    expect(state()).to.equal('conn_read')
    wire.receive('get half')
    expect(state(), 'a part of a line').to.equal('conn_read')
    wire.receive(' \r\nset key 0 0 5\r\nval')
    expect(state(), 'a part of a value').to.equal('conn_nread')
    wire.receive('ue\r\n')
    expect(state()).to.equal('conn_read')
    wire.receive('set long 0 0 50000\r\n')
    expect(state(), 'a part of a long value').to.equal('conn_nread')
    wire.receive(Buffer.alloc(50_000))
    expect(state()).to.equal('conn_nread')
    wire.receive('\r\n')
    expect(state()).to.equal('conn_read')
    wire.receive('set over 0 0 5000000\r\n')
    expect(state(), 'a value to be skipped').to.equal('conn_nread')
    wire.receive(Buffer.alloc(5_000_002))
    expect(state()).to.equal('conn_read')
    wire.isFull = true
    wire.receive('version\r\n')
    expect(state(), 'a reply that is not sent').to.equal('conn_mwrite')
    wire.drain()
    expect(state()).to.equal('conn_read')
    wire.receive('watch\r\n')
    expect(state()).to.equal('conn_watch')
    wire.connection.close(false)
    wire.connection.closed()
    expect(shown()).to.deep.equal({})
    expect([wire.isOver, takenBy(kit)]).to.deep.equal([true, 0])
  })

  it('is shown with the seconds since the last read', () => {
    const other = new WireByHand(worker, 2)
    kit.clock.advance(5)
    expect(shown()['2:secs_since_last_cmd']).to.equal('5')
    other.receive('v')
    expect(shown()['2:secs_since_last_cmd']).to.equal('0')
    expect(other.connection.lastTime).to.equal(kit.clock.now)
    other.connection.closed()
  })

  it('is closing once it asked to end, until its last reply is sent', () => {
    const other = new WireByHand(worker, 3)
    other.isFull = true
    other.receive('version\r\nquit\r\n')
    expect(shown()['3:state']).to.equal('conn_closing')
    other.connection.closed()
  })
})

describe('An idle connection', () => {
  it('is counted in rounds since the last read, unless it sends a value or is sent a reply', () => {
    const { wire } = open()
    const { connection } = wire
    const rounds = (): number[] => [connection.countIdleRound(), connection.countIdleRound()]
    expect(rounds()).to.deep.equal([1, 2])
    wire.receive('get')
    expect(rounds()).to.deep.equal([1, 2])
    wire.receive(' key\r\nset key 0 0 2\r\n')
    expect(rounds(), 'a value').to.deep.equal([0, 0])
    wire.receive('xx\r\n')
    wire.isFull = true
    wire.receive('version\r\n')
    expect(rounds(), 'a reply').to.deep.equal([0, 0])
    expect(connection.isIdle).to.equal(false)
    wire.drain()
    expect(rounds()).to.deep.equal([1, 2])
    expect(connection.isIdle).to.equal(true)
  })
})

describe('The replies of a connection', () => {
  it('are written together when all requests are answered, and counted with what was read', () => {
    const { kit, wire } = open()
    const { counters } = kit.worker
    expect(wire.receive(repeated('version', 5))).to.equal(true)
    expect(wire.writes.map(String)).to.deep.equal([repeated('VERSION 1.6.45', 5)])
    expect(counters.read(Counter.bytes_read)).to.equal(5 * 9)
    expect(counters.read(Counter.bytes_written)).to.equal(5 * 16)
  })

  it('are by the clock at the arrival of the requests', () => {
    const { kit, wire } = open()
    let refreshedCount = 0
    kit.clock.refresh = () => void refreshedCount++
    wire.receive('version\r\nversion\r\n')
    expect(refreshedCount).to.equal(1)
  })

  it('are written as soon as there are 64 KiB, and other connections go first after 256 KiB', async () => {
    const { kit, wire } = open()
    const { counters } = kit.worker
    wire.receive(set('k', 16_000))
    wire.writes = []
    wire.receive(repeated('get k', 41))
    const lengths = wire.writes.map(({ length }) => length)
    expect(Math.max(...lengths)).to.be.within(BATCH_LENGTH_MAX, BATCH_LENGTH_MAX + 17_000)
    expect(lengths.every((length) => length >= BATCH_LENGTH_MAX || length < 17_000)).to.equal(true)
    const sent = lengths.reduce((sum, length) => sum + length)
    expect(sent).to.be.within(TURN_LENGTH_MAX, TURN_LENGTH_MAX + BATCH_LENGTH_MAX + 17_000)
    expect(counters.read(Counter.conn_yields)).to.equal(1)
    while (wire.resumeCount === 0) await nextTurn()
    expect(wire.text.match(/END/g)).to.have.length(41)
    expect(counters.read(Counter.conn_yields)).to.equal(2)
    expect(takenBy(kit)).to.equal(0)
  })

  it('stop the reading while the socket is full, and then free windows and pins', () => {
    const { kit, wire } = open()
    const { pool } = kit.store.segments
    wire.receive(set('k', 40_000))
    wire.receive(set('s', 10_000))
    expect([wire.text.length > 0, takenBy(kit), pool.pinnedCount]).to.deep.equal([true, 0, 0])
    wire.isFull = true
    expect(wire.receive(`${repeated('get k', 2)}${repeated('get s', 3)}`)).to.equal(false)
    expect(wire.connection.windowCount).to.be.above(0)
    expect(pool.pinnedCount).to.be.above(0)
    const before = wire.resumeCount
    while (wire.connection.windowCount > 0) wire.drain()
    expect(wire.resumeCount).to.equal(before + 1)
    expect([takenBy(kit), pool.pinnedCount]).to.deep.equal([0, 0])
    expect(wire.text.match(/END/g)).to.have.length(5)
  })

  it('let no other connection go on while they are sent: the worker has one record for requests', async () => {
    const { kit, wire } = open()
    const other = new WireByHand(kit.worker, 2)
    other.isFull = true
    expect(other.receive('version\r\n')).to.equal(false)
    const { sendAll } = wire
    wire.sendAll = (pieces) => {
      other.drain()
      expect(other.resumeCount).to.equal(0)
      return sendAll.call(wire, pieces)
    }
    wire.receive('version\r\n')
    expect(wire.text).to.equal('VERSION 1.6.45\r\n')
    while (other.resumeCount === 0) await nextTurn()
  })

  it('give windows and pins back when the connection is closed, and what it had received too', () => {
    const { kit, wire } = open()
    wire.receive(set('k', 40_000))
    wire.isFull = true
    wire.receive(`get k\r\nget k\r\nget ha`)
    expect(wire.connection.windowCount).to.equal(2)
    wire.connection.closed()
    expect([takenBy(kit), kit.store.segments.pool.pinnedCount]).to.deep.equal([0, 0])
    const arriving = new WireByHand(kit.worker, 2)
    arriving.receive('set l 0 0 500000\r\nx')
    expect(kit.store.segments.pool.arrivingCount).to.be.above(0)
    arriving.connection.closed()
    expect(kit.store.segments.pool.arrivingCount).to.equal(0)
  })
})

describe('A turn of a connection', () => {
  const COUNT = 3
  const turns = (count: number): { kit: WorkerKit; wire: WireByHand } => {
    const opened = open({ requestsPerTurn: count })
    opened.wire.receive(set('k', 1))
    opened.wire.writes = []
    return opened
  }
  const yieldsOf = ({ worker }: WorkerKit): number => worker.counters.read(Counter.conn_yields)

  for (const [requestCount, yieldCount] of [
    [COUNT, 0],
    [COUNT + 1, 1],
    [2 * COUNT, 1],
    [2 * COUNT + 1, 2],
  ] as const)
    it(`ends after three requests if there are more: ${requestCount} requests take ${yieldCount + 1}`, async () => {
      const { kit, wire } = turns(COUNT)
      const goesOn = wire.receive(repeated('version', requestCount))
      expect(goesOn).to.equal(yieldCount === 0)
      expect(wire.text).to.equal(repeated('VERSION 1.6.45', Math.min(COUNT, requestCount)))
      expect(wire.connection.countIdleRound()).to.equal(yieldCount === 0 ? 1 : 0)
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      expect(wire.text).to.equal(repeated('VERSION 1.6.45', requestCount - Math.min(COUNT, requestCount)))
      expect([yieldsOf(kit), wire.resumeCount]).to.deep.equal([yieldCount, Math.min(1, yieldCount)])
      expect(takenBy(kit)).to.equal(0)
    })

  it('counts all keys of a line as one request', () => {
    const { kit, wire } = turns(COUNT)
    wire.receive('get k a k b k c k d\r\nversion\r\n')
    expect(wire.text).to.match(/END\r\nVERSION/)
    expect(yieldsOf(kit)).to.equal(0)
  })

  it('ends after a statistic, and after a part of a list', async () => {
    const { kit, wire } = turns(0)
    wire.receive('stats\r\nversion\r\n')
    expect(wire.text).not.to.contain('VERSION')
    expect(yieldsOf(kit)).to.equal(1)
    await nextTurn()
    await nextTurn()
    expect(wire.text).to.equal('VERSION 1.6.45\r\n')
    wire.receive('version\r\nstats\r\n')
    expect(yieldsOf(kit)).to.equal(1)
    expect(kit.worker.turns.othersHaveCome).to.equal(true)
    await nextTurn()
    await nextTurn()
    wire.writes = []
    wire.receive('lru_crawler metadump all\r\n')
    expect(wire.text).not.to.contain('END')
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(wire.text).to.match(/^key=k .*\nEND\r\n$/)
    expect(yieldsOf(kit)).to.be.above(2)
  })
})

describe('A connection that sends no more requests', () => {
  it('is closed at once if all is sent and read, and no longer counted', () => {
    const { kit, wire } = open()
    kit.worker.table.counts.add(0, 1)
    wire.receive('version\r\nquit\r\n')
    expect(wire.text).to.equal('VERSION 1.6.45\r\n')
    expect([wire.finishCount, wire.endCount, kit.worker.table.counts.sum]).to.deep.equal([1, 0, 0])
    wire.connection.closed()
    expect(kit.worker.table.counts.sum).to.equal(0)
  })

  it('is half-closed first if something may be unread, and is reset after a second', function (done) {
    this.slow(5000)
    const { wire } = open({ protocol: 'binary' })
    wire.receive('no frame of this protocol, more than one head long')
    expect([wire.finishCount, wire.endCount, wire.isDestroyed]).to.deep.equal([0, 1, false])
    expect(wire.resumeCount).to.equal(1)
    const { wire: gone } = open({ protocol: 'binary' })
    gone.receive('no frame of this protocol, more than one head long')
    gone.connection.closed()
    const began = performance.now()
    const look = setInterval(() => {
      if (!wire.isDestroyed) return
      clearInterval(look)
      expect(performance.now() - began).to.be.above(900)
      expect(gone.isDestroyed).to.equal(false)
      done()
    }, 20)
  })

  it('is closed after its client closes, once its replies are sent', () => {
    const { wire } = open()
    wire.isFull = true
    wire.receive('version\r\n')
    wire.connection.ended()
    expect(wire.finishCount).to.equal(0)
    wire.drain()
    expect([wire.finishCount + wire.endCount > 0, wire.resumeCount > 0]).to.deep.equal([true, true])
  })

  it('gets no reply to what it sends after its end', () => {
    const { wire } = open()
    wire.receive('quit\r\n')
    wire.receive('version\r\n')
    expect(wire.text).to.equal('')
  })
})

describe('A connection for which there is no window', () => {
  it('is reset when a part of a request must be kept, and counted', () => {
    const { kit, wire } = open({ windowCount: OWN_WINDOW_COUNT + 1 })
    const other = new WireByHand(kit.worker, 2)
    other.receive('get ha')
    const count = (): number => kit.worker.counters.read(Counter.read_buf_oom)
    expect([takenBy(kit), count()]).to.deep.equal([1, 0])
    wire.receive('get ha')
    expect([wire.isDestroyed, other.isDestroyed, count()]).to.deep.equal([true, false, 1])
    other.receive('lf\r\nversion\r\n')
    expect(takenBy(kit)).to.equal(0)
  })

  it('is reset when its replies must wait for the journal, and no other is', async () => {
    const { kit, wire } = open({ windowCount: OWN_WINDOW_COUNT })
    const other = new WireByHand(kit.worker, 2)
    for (const [key, length] of [
      ['k', 10_000],
      ['long', LINKED_LENGTH],
    ] as const)
      wire.receive(set(key, length))
    wire.writes = []
    const journal = new UnsafeJournal(kit.store)
    kit.data.journal = journal
    for (let count = 0; count < 10 && !wire.isDestroyed && !other.isDestroyed; count++) {
      wire.receive('set other 0 0 1\r\nx\r\nget k\r\nget long\r\n')
      if (!wire.isDestroyed) other.receive('version\r\n')
    }
    expect([wire.isDestroyed, other.isDestroyed]).to.deep.equal([true, false])
    expect(kit.worker.counters.read(Counter.read_buf_oom)).to.equal(1)
    expect([wire.text, other.text]).to.deep.equal(['', ''])
    wire.connection.closed()
    for (let turn = 0; turn < 2; turn++) await nextTurn()
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    expect(kit.store.segments.pool.pinnedCount).to.equal(0)
  })

  it('is reset when requests behind one that waits for a key must be kept, which it reads ahead', () => {
    const { kit, wire } = open({ windowCount: OWN_WINDOW_COUNT + 1, changes: MEGABYTE })
    const other = new WireByHand(kit.worker, 2)
    other.receive('get ha')
    expect(wire.receive('mw key c0 T60\r\n')).to.equal(true)
    wire.receive('version\r\n')
    expect([wire.isDestroyed, other.isDestroyed, wire.text]).to.deep.equal([true, false, ''])
    wire.connection.closed()
  })

  it('gives back at once what it holds if other connections need it', () => {
    const { kit, wire } = open()
    const { pool } = kit.store.segments
    wire.receive(set('k', LINKED_LENGTH))
    wire.isFull = true
    wire.receive('get k\r\nget ha')
    expect([wire.connection.windowCount, pool.pinnedCount]).to.deep.equal([2, 1])
    wire.connection.drop()
    expect([wire.isDestroyed, takenBy(kit), pool.pinnedCount]).to.deep.equal([true, 0, 0])
    expect(kit.worker.counters.read(Counter.read_buf_oom)).to.equal(1)
  })
})
