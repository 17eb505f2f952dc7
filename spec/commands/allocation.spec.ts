import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { countGrowths, type Growths } from '../support/count-growths.js'

const PROGRAM = fileURLToPath(new URL('./allocation-loop.js', import.meta.url))
const REQUEST_COUNT = 200_000
/**
 * Less than a byte for each. Reading the heap's size allocates 1.5 KB in all, and Node 24 once allocates 175 KB for
 * itself; a single number for each request would be 3.2 MB.
 */
const GROWTH_MAX = REQUEST_COUNT - 1

/** What is measured, by the loop's names: decoding, executing and answering one may not allocate a byte. */
const KINDS = [
  'get, found',
  'getkq, found',
  'get, not found',
  'getkq, not found',
  'set over a value of the same length',
  'set over a value of another length',
  'set of a new key, and delete',
  'delete, not found',
  'increment',
  'touch',
  'text get, found',
  'text gets, found',
  'text get, not found',
  'text get of three keys',
  'text set over a value of the same length',
  'text set of a new key, and delete',
  'text incr',
  'text touch',
  'mg, found',
  'mg, not found',
  'ms over a value of the same length',
  'ms of a new key, and md',
  'ma',
  'noop',
] as const

describe('The path of a request allocates nothing on the heap:', () => {
  let growths: Growths = {}

  before(() => {
    growths = countGrowths(PROGRAM)
  })

  for (const kind of KINDS)
    it(kind, () => {
      expect(growthOf(kind)).within(0, GROWTH_MAX)
    })

  it('a record allocated for each request would be noticed', () => {
    expect(growthOf('a record for every request')).greaterThan(16 * REQUEST_COUNT)
  })

  /** The loop has no figure if a garbage collection interfered each time. */
  function growthOf(kind: string): number {
    return growths[kind] ?? Number.POSITIVE_INFINITY
  }
})
