import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { countGrowths, type Growths } from '../../support/count-growths.js'

const PROGRAM = fileURLToPath(new URL('./allocation-loop.js', import.meta.url))
const MESSAGE_COUNT = 200_000
/** Less than a byte for each; see the same of the server, spec/commands/allocation.spec.ts. */
const GROWTH_MAX = MESSAGE_COUNT - 1

const KINDS = [
  'text: a get',
  'text: a set',
  'text: an item',
  'text: the end',
  'text: stored',
  'text: a number',
  'text: an error',
  'meta: a get',
  'meta: a set',
  'meta: an item',
  'meta: a miss',
  'meta: stored',
  'meta: the end',
  'binary: a get',
  'binary: a set',
  'binary: an item',
  'binary: a miss',
  'binary: stored',
  'binary: a number',
  'binary: the end',
] as const

describe('To encode a request and to decode a reply takes nothing from the heap:', () => {
  let growths: Growths = {}

  before(() => {
    growths = countGrowths(PROGRAM)
  })

  /** The loop has no figure where a collection came between each time. */
  const growthOf = (kind: string): number => growths[kind] ?? Number.POSITIVE_INFINITY

  for (const kind of KINDS)
    it(kind, () => {
      expect(growthOf(kind)).within(0, GROWTH_MAX)
    })

  it('and if it took a record each time, this would be seen', () => {
    expect(growthOf('a record for every reply')).greaterThan(16 * MESSAGE_COUNT)
  })
})
