import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { READ_LENGTH } from '../../lib/request/limits.js'
import { Connection } from '../../lib/server/connection/connection.js'
import type { Wire } from '../../lib/server/wires/wire.js'
import { itemExtras, Op, request } from '../support/frames.js'
import { UnsafeJournal } from '../support/unsafe-journal.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const NOOP = request(Op.NOOP)
const QUIT = request(Op.QUIT)
const SET = request(Op.SET, { key: 'key', value: 'value', extras: itemExtras() })

/** A connection over a wire that takes all at once, unless it is `full`; and what the connection has asked of the wire. */
function open() {
  const kit = createWorkerKit({ memoryLength: MEGABYTE })
  const wireState = { isFull: false, endCount: 0, finishCount: 0 }
  const wire: Wire = {
    send: () => !wireState.isFull,
    sendAll: () => !wireState.isFull,
    pause: () => undefined,
    resume: () => undefined,
    endSending: () => void wireState.endCount++,
    finish: () => void wireState.finishCount++,
    destroy: () => undefined,
    remoteAddress: '',
    localAddress: '',
  }
  const connection = new Connection(kit.worker, 1, () => undefined)
  connection.wire = wire
  const receive = (bytes: Buffer) => {
    bytes.copy(connection.nextBuffer())
    connection.received(bytes.length)
  }
  return { kit, connection, receive, wireState }
}

/** The same after a set, whose reply waits for the journal, and a quit. */
async function openBehindJournal() {
  const opened = open()
  const journal = new UnsafeJournal(opened.kit.store)
  opened.kit.data.journal = journal
  for (const bytes of [SET, QUIT]) {
    opened.receive(bytes)
    await nextTurn()
  }
  return { ...opened, journal }
}

/** Makes all changes safe, and notifies what waits for that. */
function sync(journal: UnsafeJournal): void {
  journal.isSynced = true
  expect(journal.waiting).not.to.have.length(0)
  for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
}

/**
 * While a connection waits it does not read, so the peer may have sent more than one read. A socket that is closed with
 * that unread resets the peer, which loses its last replies.
 */
describe('A connection that ends while its client keeps sending', () => {
  it('is closed after a short read if it never waited: all has been read', () => {
    const { receive, wireState } = open()
    receive(Buffer.concat([QUIT, Buffer.alloc(READ_LENGTH - QUIT.length)]))
    expect(wireState.finishCount).to.equal(0)
    // Another read that fills its buffer, so there may be more.
    receive(Buffer.alloc(READ_LENGTH))
    expect(wireState.finishCount).to.equal(0)
    receive(Buffer.from('more'))
    expect(wireState.finishCount).to.equal(1)
  })

  it('is not closed before all parts of its last request have come, though they are longer than its body', () => {
    const { receive, wireState } = open()
    const whole = request(Op.SET, { key: 'k', extras: itemExtras(), bodyLength: 8 })
    receive(whole.subarray(0, -1))
    expect(wireState.finishCount).to.equal(0)
    receive(whole.subarray(-1))
    expect(wireState.finishCount).to.equal(1)
  })

  it('is not closed after a short read if its replies have waited for the socket', () => {
    const { connection, receive, wireState } = open()
    wireState.isFull = true
    receive(Buffer.concat([NOOP, QUIT]))
    wireState.isFull = false
    connection.drained()
    receive(Buffer.from('more'))
    expect(wireState.finishCount).to.equal(0)
    connection.ended()
    expect(wireState.finishCount).to.equal(1)
    connection.closed()
  })

  it('is not closed after a short read if its replies have waited for the journal', async () => {
    const { connection, receive, wireState, journal } = await openBehindJournal()
    sync(journal)
    await nextTurn()
    receive(Buffer.from('more'))
    expect(wireState.finishCount).to.equal(0)
    connection.ended()
    expect(wireState.finishCount).to.equal(1)
    connection.closed()
  })

  it('stops sending as soon as the replies that have waited for the journal are sent', async () => {
    const { connection, wireState, journal } = await openBehindJournal()
    expect(wireState.endCount).to.equal(0)
    sync(journal)
    await nextTurn()
    expect(wireState.endCount).to.equal(1)
    connection.ended()
    connection.closed()
  })
})
