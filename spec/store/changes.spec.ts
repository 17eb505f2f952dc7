import { expect } from 'chai'
import { BothListeners, type ChangeListener } from '../../lib/store/listeners/change-listener.js'

const CHANGES = {
  stored: [1],
  removed: [2, 3, 4],
  forgotten: [5, 6, 7],
  touched: [8, 9],
  expired: [10],
  evicted: [11],
  flushBegins: [],
  flushed: [12],
  flushDue: [13, 14],
  prefixFlushed: [15, 16, 17],
} satisfies { readonly [Change in keyof ChangeListener]: Parameters<ChangeListener[Change]> }

describe('Two listeners of a store', () => {
  it('both receive every change, the first one first', () => {
    const received: unknown[] = []
    const listener = (name: string): ChangeListener => {
      const methods = Object.keys(CHANGES).map((change) => [
        change,
        (...values: number[]) => received.push([name, change, values]),
      ])
      return Object.fromEntries(methods)
    }
    const both = new BothListeners(listener('first'), listener('second'))
    for (const [change, values] of Object.entries(CHANGES)) {
      const report: (...values: number[]) => void = both[change as keyof ChangeListener].bind(both)
      report(...values)
    }
    expect(received).to.deep.equal(
      Object.entries(CHANGES).flatMap(([change, values]) =>
        ['first', 'second'].map((name) => [name, change, values]),
      ),
    )
  })
})
