import { Random } from '../support/random.js'
import { KillRounds } from './kill-rounds.js'

/** `npm run crash` has more, and rounds whose servers all have the same number of threads. */
const ROUNDS = 6
const THREADS = [1, 2, 3]

describe('A server that is killed at any moment', () => {
  for (const fsync of ['always', 'everysec', 'no'])
    it(`has all that it acknowledged, and nothing older, with as many threads as before or others: fsync ${fsync}`, async function () {
      this.slow(20_000)
      const rounds = new KillRounds(new Random(), ['--fsync', fsync], THREADS)
      try {
        for (let round = 0; round < ROUNDS; round++) await rounds.run()
      } finally {
        rounds.remove()
      }
    })
})
