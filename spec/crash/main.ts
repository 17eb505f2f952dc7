/**
 * npm run crash -- --rounds 1000 --seed 7: many more kills than the spec has time for. `--threads 1,2+3`: one thread, and
 * then two or three at each start.
 */
import { Random } from '../support/random.js'
import { readWords, refuseWords } from '../support/words.js'
import { KillRounds } from './kill-rounds.js'

const COLUMNS = ['fsync', 'threads', 'rounds', 'acknowledged', 'seconds']

const USAGE = 'usage: npm run crash -- [--rounds NUMBER] [--fsync LIST] [--threads LIST] [--seed INTEGER]'

const { values } = readWords(USAGE, {
  rounds: { type: 'string', default: '100' },
  fsync: { type: 'string', default: 'always,everysec,no' },
  threads: { type: 'string', default: '1,2,1+2' },
  seed: { type: 'string' },
})
const roundCount = Number(values.rounds)
const seed = values.seed === undefined ? new Random().seed : Number(values.seed)
if (!(roundCount > 0) || !Number.isInteger(seed)) refuseWords(USAGE)

console.log(`the seed is ${seed}; rounds of each mode: ${roundCount}`)
print(COLUMNS)
for (const fsync of values.fsync.split(',')) {
  for (const threads of values.threads.split(',')) await runMode(fsync, threads)
}

async function runMode(fsync: string, threads: string): Promise<void> {
  const started = performance.now()
  const rounds = new KillRounds(new Random(seed), ['--fsync', fsync], threads.split('+').map(Number))
  try {
    while (rounds.roundCount < roundCount) await rounds.run()
  } catch (error) {
    console.error(`synced ${fsync}, -t ${threads}, seed ${seed}, round ${rounds.roundCount}`)
    process.exitCode = 1
    throw error
  } finally {
    rounds.remove()
  }
  const seconds = Math.round((performance.now() - started) / 1000)
  print([fsync, threads, rounds.roundCount, rounds.acknowledgedCount, seconds])
}

function print(cells: readonly (number | string)[]): void {
  console.log(cells.map((cell) => cell.toLocaleString('en').padStart(14)).join(''))
}
