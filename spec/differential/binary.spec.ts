import { expect } from 'chai'
import fc from 'fast-check'
import { startMemcached } from '../support/memcached.js'
import { MEMCACHED, needs } from '../support/peers.js'
import { startServer, useProcess, useServer } from '../support/server.js'
import { KNOWN_DIFFERENCES } from './known-differences.js'
import { play, type Step } from './play.js'
import { randomSteps } from './random-steps.js'
import { SEQUENCES } from './sequences.js'

/** The sequences of a run are always the same; SEED=N selects others. */
const SEED = Number(process.env['SEED'] ?? 1)
const RUN_COUNT = Number(process.env['RUNS'] ?? 1000)

describe('keepcached sends the same replies as memcached to', () => {
  needs(MEMCACHED)
  const memcached = useProcess(() => startMemcached())
  const keepcached = useProcess(() => startServer())

  async function expectSameAnswers(steps: readonly Step[]): Promise<void> {
    const [theirs, ours] = await Promise.all([play(memcached(), steps), play(keepcached(), steps)])
    const place = theirs.findIndex((answer, index) => answer !== ours[index])
    if (place >= 0) expect.fail(`memcached answers\n${theirs[place]}\nand keepcached\n${ours[place]}`)
    expect(ours.length).to.equal(theirs.length)
  }

  for (const [title, steps] of Object.entries(SEQUENCES)) it(title, () => expectSameAnswers(steps))

  it(`${RUN_COUNT} random sequences (seed ${SEED})`, async function () {
    this.timeout(120_000 + RUN_COUNT * 200)
    this.slow(20_000)
    await fc.assert(fc.asyncProperty(randomSteps, expectSameAnswers), { numRuns: RUN_COUNT, seed: SEED })
  })
})

describe('A known difference from memcached:', () => {
  const server = useServer()

  for (const { what, request, reply, ends } of KNOWN_DIFFERENCES)
    it(what, async () => {
      const connection = await server().connect()
      connection.send(request)
      expect(await connection.receive(reply.length)).to.deep.equal(reply)
      if (ends) expect((await connection.receiveRest()).ending).to.equal('end of stream')
      connection.close()
    })
})
