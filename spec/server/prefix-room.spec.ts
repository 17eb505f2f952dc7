import { expect } from 'chai'
import { PrefixRoom } from '../../lib/server/connection/waiting/prefix-room.js'

describe('Requests that wait until one more prefix can be flushed', () => {
  it('make sweeping urgent when the first of them comes, and until the last of them is woken', () => {
    const room = new PrefixRoom()
    let urgentCount = 0
    const woken: string[] = []
    const waiterOf = (name: string) => ({ wake: () => void woken.push(name) })
    room.onWait = () => void urgentCount++
    expect(room.isAwaited).to.equal(false)
    const first = waiterOf('first')
    for (const waiter of [first, waiterOf('second'), waiterOf('third')]) room.wait(waiter)
    expect([room.isAwaited, urgentCount]).to.deep.equal([true, 1])
    room.endWaiting(first)
    room.wakeAll()
    expect(woken).to.deep.equal(['second', 'third'])
    expect(room.isAwaited).to.equal(false)
    room.wait(first)
    expect([room.isAwaited, urgentCount]).to.deep.equal([true, 2])
  })
})
