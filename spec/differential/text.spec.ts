import { expect } from 'chai'
import fc from 'fast-check'
import { startMemcached } from '../support/memcached.js'
import { MEMCACHED, needs } from '../support/peers.js'
import { type ServerProcess, startServer, useProcess, useServer } from '../support/server.js'
import { TEXT_DIFFERENCES } from './known-text-differences.js'
import { playText, type TextStep } from './play-text.js'
import { SEQUENCE_WITHOUT_LISTS, TEXT_SEQUENCES } from './text-sequences.js'
import { randomMetaSteps, randomTextSteps } from './text-steps.js'

/** The sequences of a run are always the same; SEED=N selects others. */
const SEED = Number(process.env['SEED'] ?? 1)
const RUN_COUNT = Number(process.env['RUNS'] ?? 700)
/** Replies with the time differ if the second of one server changes before that of the other. */
const TRIES_MAX = 3

async function expectSame(memcached: ServerProcess, keepcached: ServerProcess, steps: readonly TextStep[]) {
  for (let tries = 1; ; tries++) {
    const [theirs, ours] = await Promise.all([playText(memcached, steps), playText(keepcached, steps)])
    const place = theirs.findIndex((answer, index) => answer !== ours[index])
    if (place < 0 && ours.length === theirs.length) return
    if (tries < TRIES_MAX) continue
    expect.fail(`memcached answers\n${theirs.slice(0, place + 1).join('\n')}\nand keepcached\n${ours[place]}`)
  }
}

describe('keepcached sends the same replies as memcached to the same lines:', () => {
  needs(MEMCACHED)
  const memcached = useProcess(() => startMemcached())
  const keepcached = useProcess(() => startServer())

  const expectSameAnswers = (steps: readonly TextStep[]) => expectSame(memcached(), keepcached(), steps)

  for (const [title, steps] of Object.entries(TEXT_SEQUENCES)) it(title, () => expectSameAnswers(steps))

  for (const [title, steps] of Object.entries({ text: randomTextSteps, meta: randomMetaSteps }))
    it(`${RUN_COUNT} random sequences of ${title} (seed ${SEED})`, async function () {
      this.timeout(120_000 + RUN_COUNT * 200)
      this.slow(20_000)
      await fc.assert(fc.asyncProperty(steps, expectSameAnswers), { numRuns: RUN_COUNT, seed: SEED })
    })
})

describe('With -X keepcached sends the same replies as memcached', () => {
  needs(MEMCACHED)
  const memcached = useProcess(() => startMemcached({ options: ['-X', '-o', 'lru_crawler'] }))
  const keepcached = useProcess(() => startServer({ options: ['-X'] }))

  it('to lines that ask for lists, valid or not', () =>
    expectSame(memcached(), keepcached(), SEQUENCE_WITHOUT_LISTS))
})

describe('A known difference from memcached in text:', () => {
  const server = useServer()

  for (const { what, request, reply } of TEXT_DIFFERENCES)
    it(what, async () => {
      const connection = await server().connect()
      connection.send(Buffer.from(request, 'latin1'))
      expect((await connection.receive(reply.length)).toString('latin1')).to.equal(reply)
      connection.close()
    })
})
