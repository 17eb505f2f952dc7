import { Random } from '../support/random.js'
import { KillRounds } from './kill-rounds.js'

/** `npm run crash` has more. */
const ROUNDS = 3

describe('A server that is killed at any moment', () => {
  for (const fsync of ['always', 'everysec', 'no'])
    for (const threads of [[1], [2], [1, 2, 3]])
      it(`has all that it acknowledged, and nothing older: fsync ${fsync}, -t ${threads.join(' or ')}`, async function () {
        this.timeout(60_000)
        this.slow(20_000)
        const rounds = new KillRounds(new Random(), ['--fsync', fsync], threads)
        try {
          for (let round = 0; round < ROUNDS; round++) await rounds.run()
        } finally {
          rounds.remove()
        }
      })
})
