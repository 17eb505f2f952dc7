import { expect } from 'chai'
import { EventKind, kindsOf } from '../../lib/watch/kinds.js'

describe('The words after watch', () => {
  it('name kinds of events, several at a time', () => {
    expect(kindsOf(['mutations', 'evictions', 'mutations'])).to.equal(
      EventKind.MUTATIONS | EventKind.EVICTIONS,
    )
    for (const [name, bit] of Object.entries(EventKind)) expect(kindsOf([name.toLowerCase()])).to.equal(bit)
  })

  it('stand for fetchers when there are none', () => {
    expect(kindsOf([])).to.equal(EventKind.FETCHERS)
  })

  it('are refused if one of them is unknown', () => {
    for (const word of ['FETCHERS', 'fetcher', 'toString', 'hasOwnProperty', '', 'noreply'])
      expect(kindsOf(['fetchers', word])).to.equal(0)
  })
})
