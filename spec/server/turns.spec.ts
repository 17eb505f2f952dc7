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

/** Turns whose rounds, and whose time, pass as the spec says. */
class TurnsByHand extends Turns {
  nowMs = 0
  private readonly due: (() => void)[] = []

  protected override runSoon(go: () => void): void {
    this.due.push(go)
  }

  /** A round of the event loop. Returns how many runs were due. */
  round(): number {
    const { now } = performance
    performance.now = () => this.nowMs
    const due = this.due.splice(0)
    try {
      for (const go of due) go()
    } finally {
      performance.now = now
    }
    return due.length
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

  it('continue for a while in each round, which is short if others have come since the last one', () => {
    const turns = new TurnsByHand()
    let count = 0
    const takeTurn = (): void => {
      turns.nowMs += 0.5
      count++
    }
    for (let index = 0; index < 100; index++) turns.wait({ takeTurn })
    const countInRound = (): number => {
      count = 0
      expect(turns.round()).to.equal(1)
      return count
    }
    expect(countInRound()).to.equal(4)
    turns.othersHaveCome = true
    expect([countInRound(), countInRound()]).to.deep.equal([1, 4])
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
