import { expect } from 'chai'
import type { RoomWaiter } from '../../lib/journal/writing/waiters.js'
import type { ConnectionJournal } from '../../lib/server/connection/output/group-commit.js'
import { itemExtras, Op, request } from '../support/frames.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024

/** A connection whose journal has no room until the spec makes some; all changes are safe at once. */
function withoutRoom() {
  const { worker, data } = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto' })
  const waiters: RoomWaiter[] = []
  const state = { hasRoom: false }
  const journal: ConnectionJournal = {
    changeCount: 0,
    get hasRoom() {
      return state.hasRoom
    },
    commit: () => undefined,
    isSafe: () => true,
    wait: () => undefined,
    waitForRoom: (waiter) => void waiters.push(waiter),
  }
  data.journal = journal
  const makeRoom = () => {
    state.hasRoom = true
    for (const waiter of waiters.splice(0)) waiter.roomMade()
  }
  return { wire: new WireByHand(worker), waiters, makeRoom }
}

describe('A connection whose journal has no room', () => {
  it('gets replies to what changes nothing', () => {
    const { wire, waiters } = withoutRoom()
    expect(wire.receive('get key\r\nversion\r\nget a b c\r\nmg key v\r\n')).to.equal(true)
    expect(wire.text).to.equal('END\r\nVERSION 1.6.45\r\nEND\r\nEN\r\n')
    expect(waiters).to.have.length(0)
  })

  it('waits at its first change, and continues there once there is room', () => {
    const { wire, waiters, makeRoom } = withoutRoom()
    expect(wire.receive('version\r\nset key 0 0 5\r\nvalue\r\nget key\r\n')).to.equal(false)
    expect(wire.text).to.equal('VERSION 1.6.45\r\n')
    expect([waiters.length, wire.resumeCount, wire.connection.countIdleRound()]).to.deep.equal([1, 0, 0])
    makeRoom()
    expect(wire.text).to.equal('STORED\r\nVALUE key 0 5\r\nvalue\r\nEND\r\n')
    expect(wire.resumeCount).to.equal(1)
  })

  it('waits for the rest of a request before it decides whether that is a change', () => {
    const { wire, waiters, makeRoom } = withoutRoom()
    const set = request(Op.SET, { key: 'key', value: 'value', extras: itemExtras() })
    expect(wire.receive(set.subarray(0, 10))).to.equal(true)
    expect(waiters).to.have.length(0)
    expect(wire.receive(set.subarray(10))).to.equal(false)
    expect(waiters).to.have.length(1)
    makeRoom()
    expect(wire.text.length).to.equal(24)
  })

  it('gets no more replies if it ends meanwhile', () => {
    const { wire, makeRoom } = withoutRoom()
    wire.receive('set key 0 0 1\r\nx\r\n')
    wire.connection.closed()
    makeRoom()
    expect([wire.text, wire.resumeCount]).to.deep.equal(['', 0])
  })
})
