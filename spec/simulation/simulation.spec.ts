import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Random } from '../support/random.js'
import { DEFECTS } from './defects.js'
import { findDefect } from './find-defect.js'
import { runInProcess } from './processes.js'
import type { SeedRange } from './run-seeds.js'

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A finding here comes from a change: `npm run simulate -- --seeds 2000` found nothing before. It runs new seeds. */
const SEEDS_SEEN = 1000

/** Of each of two processes, while other specs run: some five seeds in all. `npm run simulate` runs many more, in CI for a minute. */
const SECONDS = 1
/** The time that a fixed number of seeds may take on a busy machine. */
const SECONDS_MAX = 100
/** On a busy machine. */
const SEEDS_MIN = 2

/**
 * These are looked for in each run, beginning with a seed of the kind that can find them; all of them, from the first seed
 * on, by `npm run simulate -- --defects`.
 */
const QUICKLY_FOUND: readonly (readonly [name: string, first: number])[] = [
  ['a renewed counter is not recorded', 2],
  // By a run with connections.
  ['a reply is sent before its record is written', 3],
  // By the consumer of the feed.
  ['the feed does not wait for the journal', 2],
  // By a run with threads.
  ['a version is not above that of the stripe', 10],
]

/** A run of this length has several servers. */
const SHORT_OPERATION_COUNT = 700

const range = (first: number, count: number, seconds = SECONDS_MAX): SeedRange => ({
  first,
  count,
  operationCount: 5000,
  seconds,
  secondsMax: 120,
  stopsAtFinding: false,
})

describe('A simulated server', function () {
  this.timeout(180_000)
  this.slow(100_000)

  it('keeps all its promises under every fault', async () => {
    const first = 1 + (new Random().seed % SEEDS_SEEN)
    const [one, other] = await Promise.all([
      runInProcess(DIST, range(first, 10_000, SECONDS)),
      runInProcess(DIST, range(first + SEEDS_SEEN, 10_000, SECONDS)),
    ])
    expect([...one!.findings, ...other!.findings], `from seed ${first} on`).to.deep.equal([])
    expect(one!.seedCount + other!.seedCount).to.be.at.least(SEEDS_MIN)
    expect(one!.startCount).to.be.above(one!.seedCount)
  })

  it('does the same again when it has the same seed', async () => {
    // The second of them is one with connections.
    const run = (first: number, count: number) =>
      runInProcess(DIST, { ...range(first, count), operationCount: SHORT_OPERATION_COUNT })
    const alone = await run(3, 1)
    const behindAnother = await run(2, 2)
    const first = await run(2, 1)
    expect(first.startCount).to.be.above(1)
    expect(alone.digest ^ first.digest).to.equal(behindAnother.digest)
    expect(alone.digest).not.to.equal(0)
  })
})

describe('The simulation', function () {
  this.timeout(180_000)
  this.slow(100_000)

  for (const [name, first] of QUICKLY_FOUND)
    it(`finds a defect: ${name}`, async () => {
      const finding = await findDefect(DEFECTS.find((defect) => defect.name === name)!, range(first, 50))
      expect(finding).not.to.equal(undefined)
    })

  it('has defects that each change one place in lib', () => {
    for (const { name, file, from } of DEFECTS) {
      const text = readFileSync(join(DIST, 'lib', file), 'utf8')
      expect(text.split(from), name).to.have.length(2)
    }
    expect(new Set(DEFECTS.map(({ name }) => name)).size).to.equal(DEFECTS.length)
  })
})
