import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Waiters } from '../../lib/journal/writing/waiters.js'

/** The waiters, by the count that each waits for, and how they were notified. */
function waitersFor(...counts: number[]) {
  const waiters = new Waiters()
  const told: string[] = []
  for (const count of counts)
    waiters.wait(count, { size: 1, committed: (isSafe) => told.push(`${count} ${isSafe}`) })
  const waitForRoom = () => waiters.waitForRoom({ roomMade: () => told.push('room') })
  return { waiters, told, waitForRoom }
}

describe('Waiters for a journal', () => {
  it('are notified in order once their count is safe, and only once', () => {
    const { waiters, told } = waitersFor(1, 2, 2, 3)
    waiters.wake(2, () => true)
    expect(told).to.deep.equal(['1 true', '2 true', '2 true'])
    waiters.wake(2, () => true)
    expect(told).to.have.length(3)
    expect(waiters.isEmpty).to.equal(false)
    waiters.wake(3, () => true)
    expect(told.at(-1)).to.equal('3 true')
    expect(waiters.isEmpty).to.equal(true)
  })

  it('are notified of room only when there is some', () => {
    const { waiters, told, waitForRoom } = waitersFor()
    waitForRoom()
    expect(waiters.isEmpty).to.equal(false)
    waiters.wake(5, () => false)
    expect(told).to.deep.equal([])
    waiters.wake(5, () => true)
    waiters.wake(5, () => true)
    expect(told).to.deep.equal(['room'])
  })

  it('have room in turn: one that takes it and needs more waits behind all others', () => {
    const { waiters } = waitersFor()
    const takers: string[] = []
    let room = 0
    const enter = (name: string) =>
      waiters.waitForRoom({
        roomMade: () => {
          room--
          takers.push(name)
          enter(name)
        },
      })
    for (const name of ['a', 'b', 'c']) enter(name)
    for (const made of [1, 1, 2]) {
      room = made
      waiters.wake(0, () => room > 0)
    }
    expect(takers.join('')).to.equal('abca')
    // Each of them once, though there is room for more.
    room = 100
    waiters.wake(0, () => room > 0)
    expect(takers.join('')).to.equal('abcabca')
  })

  it('are notified in a turn of their own, once for all changes that became safe in this turn', async () => {
    const { waiters, waitForRoom } = waitersFor(1)
    let count = 0
    const wake = () => void count++
    for (let round = 1; round <= 2; round++) {
      waiters.wakeSoon(wake)
      waiters.wakeSoon(wake)
      expect(count).to.equal(round - 1)
      await nextTurn()
      expect(count).to.equal(round)
    }
    waiters.wake(1, () => true)
    waiters.wakeSoon(wake)
    await nextTurn()
    expect(count, 'nobody waits').to.equal(2)
    waitForRoom()
    waiters.wakeSoon(wake)
    await nextTurn()
    expect(count).to.equal(3)
  })

  it('are notified in a turn of their own that nothing will become safe, and that no room will come', async () => {
    const { waiters, told, waitForRoom } = waitersFor(1, 2)
    waitForRoom()
    waiters.refuse()
    expect([told.length, waiters.isEmpty]).to.deep.equal([0, true])
    await nextTurn()
    expect(told).to.deep.equal(['1 false', '2 false', 'room'])
  })
})
