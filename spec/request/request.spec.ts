import { expect } from 'chai'
import { Request } from '../../lib/request/request.js'

/** The fields that are not words: the session, the state, and the places of the parts. */
const NOT_COPIED = [
  'session',
  'refusal',
  'keyStart',
  'keyEnd',
  'valueStart',
  'valueEnd',
  'staged',
  'flagsStart',
  'flagsEnd',
]

describe('A request', () => {
  it('copies every word of another, and none of its places', () => {
    const names = Object.keys(new Request())
    // Wrong names in this list would not be noticed otherwise.
    expect(names).to.include.members(NOT_COPIED)
    for (const name of names) {
      // Not a valid value of the field, but one that no other field has.
      const mark = Symbol(name)
      const from = new Request()
      Object.assign(from, { [name]: mark })
      const to = new Request()
      to.copyWords(from)
      const isTaken = Object.values(to).includes(mark)
      expect(isTaken, name).to.equal(!NOT_COPIED.includes(name))
      if (isTaken) expect(Object.entries(to)).to.deep.include([name, mark])
    }
  })
})
