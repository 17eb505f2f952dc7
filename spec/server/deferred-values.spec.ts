import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Counter } from '../../lib/metrics/counters.js'
import { Connection } from '../../lib/server/connection/connection.js'
import type { Wire } from '../../lib/server/wires/wire.js'
import { ClientWithoutSocket } from '../support/client-without-socket.js'
import { Op, request } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { line } from '../support/text-replies.js'
import { UnsafeJournal } from '../support/unsafe-journal.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const VALUE_LENGTH = MEGABYTE - 1000
const VALUE = pattern(VALUE_LENGTH)
/** What a connection that does not read may hold: the head of a reply, and a part of its value. */
const HELD_WINDOWS_MAX = 2

/** A client whose socket takes one write and then no more, until the client reads. */
class SlowReader implements Wire {
  readonly remoteAddress = ''
  readonly localAddress = ''
  readonly connection: Connection
  isDestroyed = false
  isFinished = false
  hasEnded = false
  private readonly heard: Buffer[] = []
  private unsent: Buffer[] = []

  constructor(worker: WorkerKit['worker']) {
    this.connection = new Connection(worker, 1, () => undefined)
    this.connection.wire = this
  }

  ask(bytes: Buffer): void {
    bytes.copy(this.connection.nextBuffer())
    this.connection.received(bytes.length)
  }

  /** Takes what has been sent, and makes room as long as there is more. */
  readAll(): Buffer {
    while (this.unsent.length > 0) this.read()
    return Buffer.concat(this.heard.splice(0))
  }

  read(): void {
    this.heard.push(...this.unsent.splice(0).map((bytes) => Buffer.from(bytes)))
    this.connection.drained()
  }

  send(bytes: Buffer): boolean {
    return this.sendAll([bytes])
  }

  sendAll(pieces: Buffer[]): boolean {
    expect(this.isDestroyed || this.hasEnded, 'sent after the end').to.equal(false)
    this.unsent.push(...pieces)
    return false
  }

  pause(): void {}

  resume(): void {}

  endSending(): void {
    this.hasEnded = true
  }

  finish(): void {
    this.isFinished = true
  }

  destroy(): void {
    this.isDestroyed = true
  }
}

const CHANGES = { deleted: 'delete key', 'stored anew': 'set key 0 0 1\r\nx' }

describe('A long value, when no more may be pinned', () => {
  let kit: WorkerKit
  let reader: SlowReader
  let windowCount: number

  beforeEach(() => {
    kit = createWorkerKit({ memoryLength: 16 * MEGABYTE, protocol: 'auto' })
    const set = Buffer.concat([line(`set key 0 0 ${VALUE_LENGTH}`), VALUE, line('')])
    expect(new ClientWithoutSocket(kit.worker).ask(set)).to.equal('STORED\r\n')
    pinQuarter()
    windowCount = kit.worker.pool.takenCount
    reader = new SlowReader(kit.worker)
  })

  /** As do many values that are sent to clients that do not read. */
  function pinQuarter(): void {
    const { segments } = kit.store
    for (let segment = segments.count - 1; kit.store.pins.mayPin; segment--) segments.pin(segment)
  }

  const reply = () => Buffer.concat([line(`VALUE key 0 ${VALUE_LENGTH}`), VALUE, line(''), line('END')])

  const heldWindows = () => kit.worker.pool.takenCount - windowCount
  const closedCount = () => kit.worker.counters.read(Counter.read_buf_oom)

  it('is copied as its client reads it, a window at a time', () => {
    const { pool } = kit.store.segments
    const { pinnedCount } = pool
    reader.ask(line('get key'))
    const heard: Buffer[] = []
    for (let reads = 0; heard.length < 2 || heard.at(-1)!.length > 0; reads++) {
      expect(heldWindows(), `after ${reads} reads`).to.be.at.most(HELD_WINDOWS_MAX)
      expect(pool.pinnedCount).to.equal(pinnedCount)
      heard.push(reader.readAll())
    }
    expect(Buffer.concat(heard).equals(reply())).to.equal(true)
    expect(heldWindows()).to.equal(0)
  })

  it('is followed by the replies to later requests', () => {
    reader.ask(Buffer.concat([line('get key'), line('get none'), line('get key'), line('version')]))
    const all = Buffer.concat([reply(), line('END'), reply(), line('VERSION 1.6.45')])
    expect(reader.readAll().equals(all)).to.equal(true)
  })

  it('is sent in the binary protocol, too', () => {
    const binary = new SlowReader(kit.worker)
    binary.ask(request(Op.GET, { key: 'key' }))
    const bytes = binary.readAll()
    expect(bytes.readUInt32BE(8)).to.equal(4 + VALUE_LENGTH)
    expect(bytes.subarray(28).equals(VALUE)).to.equal(true)
  })

  for (const [what, end] of Object.entries({
    expired: () => kit.clock.advance(100),
    flushed: () => new SlowReader(kit.worker).ask(line('flush_all')),
  }))
    it(`is sent completely, even if it is ${what} meanwhile`, () => {
      reader.ask(line('touch key 10'))
      expect(reader.readAll().toString()).to.equal('TOUCHED\r\n')
      reader.ask(line('get key'))
      reader.read()
      end()
      expect(reader.readAll().equals(reply())).to.equal(true)
    })

  for (const [what, change] of Object.entries(CHANGES))
    it(`closes its connection if the item is gone before all is sent: ${what}`, () => {
      reader.ask(line('get key'))
      const other = new SlowReader(kit.worker)
      other.ask(line(change))
      other.ask(line('set other 0 0 1\r\ny'))
      reader.readAll()
      expect(reader.isDestroyed).to.equal(true)
      expect(closedCount()).to.equal(1)
      reader.connection.closed()
      expect(heldWindows()).to.equal(0)
    })

  it('is sent completely before its connection is closed by the client or the server', () => {
    for (const end of [() => reader.connection.ended(), () => reader.connection.close(false)]) {
      reader = new SlowReader(kit.worker)
      reader.ask(line('get key'))
      end()
      expect(reader.readAll().equals(reply())).to.equal(true)
      expect(reader.isFinished || reader.hasEnded).to.equal(true)
      reader.connection.closed()
    }
  })

  it('waits for a change before it that is not safe yet', async () => {
    const journal = new UnsafeJournal(kit.store)
    kit.data.journal = journal
    reader.ask(Buffer.concat([line('set small 0 0 1'), line('x'), line('get key'), line('version')]))
    await nextTurn()
    expect(reader.readAll().length).to.equal(0)
    journal.isSynced = true
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    const all = Buffer.concat([line('STORED'), reply(), line('VERSION 1.6.45')])
    expect(reader.readAll().equals(all)).to.equal(true)
  })
})
