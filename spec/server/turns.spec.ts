import { setImmediate as nextRound } from 'node:timers/promises'
import { expect } from 'chai'
import { Turns, type Yielding } from '../../lib/server/connection/turns.js'

/** More than is done in one round after its first connection. */
const LONG_TURN_MS = 5

/** Takes its turns, and says so. */
class Waiter implements Yielding {
  private readonly turns: Turns
  private readonly said: string[]
  private readonly name: string
  private left: number

  constructor(turns: Turns, said: string[], name: string, count: number) {
    this.turns = turns
    this.said = said
    this.name = name
    this.left = count
    turns.wait(this)
  }

  takeTurn(): void {
    this.said.push(this.name)
    const end = performance.now() + LONG_TURN_MS
    while (performance.now() < end) {}
    if (--this.left > 0) this.turns.wait(this)
  }
}

describe('Connections that have yielded', () => {
  it('continue in the order in which they came, and none a second time before all had a turn', async () => {
    const turns = new Turns()
    const said: string[] = []
    for (const name of ['a', 'b', 'c']) new Waiter(turns, said, name, 2)
    while (said.length < 6) await nextRound()
    expect(said.join('')).to.equal('abcabc')
  })

  it('leave the rest of a round of the event loop to other connections', async () => {
    const turns = new Turns()
    const said: string[] = []
    for (const name of ['a', 'b', 'c']) new Waiter(turns, said, name, 1)
    const countsByRound: number[] = []
    while (said.length < 3) {
      await nextRound()
      countsByRound.push(said.length)
    }
    expect(countsByRound.filter((count) => count > 0)).to.deep.equal([1, 2, 3])
  })

  it('leave the event loop alone once all had their turn', async () => {
    const { setImmediate: original } = globalThis
    let scheduledCount = 0
    globalThis.setImmediate = Object.assign((act: () => void) => {
      scheduledCount++
      return original(act)
    }, original)
    try {
      new Turns().wait({ takeTurn: () => undefined })
      for (let round = 0; round < 10; round++) await nextRound()
    } finally {
      globalThis.setImmediate = original
    }
    expect(scheduledCount).to.equal(1)
  })

  it('all continue, however many there are, while others come in every round', async () => {
    const turns = new Turns()
    let count = 0
    for (let index = 0; index < 1000; index++) turns.wait({ takeTurn: () => count++ })
    for (let round = 0; count < 1000 && round < 10_000; round++) {
      turns.othersHaveCome = true
      await nextRound()
    }
    expect(count).to.equal(1000)
  })
})
