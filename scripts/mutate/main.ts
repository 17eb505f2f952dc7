/**
 * npm run mutate -- PART… --mutants 300 --seed 7: makes small defects in parts of lib, one at a time, and checks whether the
 * specs catch each. A part is a folder below lib, `store`, a file, `store/items.ts`, or a line, `store/items.ts:120`.
 */
import { readdirSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Random } from '../../spec/support/random.js'
import { readWords } from '../../spec/support/words.js'
import { BaselineFile } from './baseline-file.js'
import { Baselines } from './baselines.js'
import { type Check, checksOf } from './checks.js'
import { draw } from './draw.js'
import { linesOf, type Mutant, mutantsOf } from './mutants.js'
import { Order } from './order.js'
import { Results } from './results.js'
import { type Outcome, Sandbox } from './sandbox.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const LIB = join(ROOT, 'dist', 'lib')
const SANDBOXES_MAX = 2

/** A mutant with which a check is active for this many times as long as without one hangs. */
const SLOWER_MAX = 4
const GRACE_MS = 4000
const CHECK_SECONDS_MAX = 600

const USAGE =
  'usage: npm run mutate -- FOLDER[/FILE.ts[:LINE]]… [--mutants NUMBER] [--seed INTEGER] [--threshold PERCENT] [--slowest SECONDS] [--results FILE] [--processes NUMBER]'

const OPTIONS = {
  mutants: { type: 'string', default: '300' },
  seed: { type: 'string' },
  threshold: { type: 'string', default: '0' },
  slowest: { type: 'string', default: `${CHECK_SECONDS_MAX}` },
  results: { type: 'string' },
  processes: { type: 'string', default: `${Math.min(SANDBOXES_MAX, availableParallelism())}` },
} as const
const { values, positionals } = readWords(USAGE, OPTIONS, true)
const mutantCount = Number(values.mutants)
const threshold = Number(values.threshold)
const sandboxCount = Number(values.processes)
const slowestMs = Number(values.slowest) * 1000
const seed = values.seed === undefined ? new Random().seed : Number(values.seed)
if (
  positionals.length === 0 ||
  !(mutantCount > 0) ||
  !Number.isInteger(seed) ||
  !(threshold >= 0) ||
  !(slowestMs > 0) ||
  !(sandboxCount >= 1)
) {
  fail(USAGE)
}

const mutantsByFile = positionals.flatMap(mutantsOfPart)
const drawn = draw(mutantsByFile, mutantCount, new Random(seed))
if (drawn.length === 0) fail(`mutate: there is nothing to change in ${positionals.join(', ')} of lib`)
console.log(
  `${mutantsByFile.flat().length} mutants in ${mutantsByFile.length} files; ${drawn.length} of them are tried, the seed is ${seed}`,
)

const sandboxes = Array.from({ length: sandboxCount }, () => new Sandbox(ROOT, seed))
removeAtExit()

const counts: Record<Outcome, number> = { passed: 0, failed: 0, 'too slow': 0 }
const results = new Results(values.results)
const waiting = drawn.filter((mutant) => {
  const known = results.outcomeOf(mutant)
  if (known !== undefined) counts[known]++
  if (known === 'passed') tellSurvivor(mutant, 'SURVIVED before')
  return known === undefined
})
const baselines = new Baselines(
  new BaselineFile(values.results && `${values.results}.baselines`, join(ROOT, 'dist')),
  slowestMs,
)
const order = new Order(baselines)
await baselines.measure(
  waiting.flatMap(({ file }) => checksOf(file)),
  sandboxes,
)
await Promise.all(sandboxes.map(tryMutants))

const caughtCount = drawn.length - counts.passed
const share = (100 * caughtCount) / drawn.length
console.log(
  `caught ${caughtCount} of ${drawn.length} (${share.toFixed(1)} %), ${counts['too slow']} of these by a time limit; the seed is ${seed}`,
)
process.exit(share < threshold ? 1 : 0)

/** The mutants of each file of a part. */
function mutantsOfPart(part: string): Mutant[][] {
  const [path, line] = part.split(':')
  return filesOf(path!).map((file) => {
    const mutants = mutantsOf(file, join(LIB, `${file}.js`))
    return line === undefined ? mutants : mutants.filter((mutant) => mutant.line === Number(line))
  })
}

/** Files below lib without their ending. */
function filesOf(path: string): string[] {
  if (path.endsWith('.ts')) return [path.slice(0, -'.ts'.length)]
  return readdirSync(LIB, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.startsWith(`${path}/`) && name.endsWith('.js'))
    .map((name) => name.slice(0, -'.js'.length))
    .sort()
}

async function tryMutants(sandbox: Sandbox): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const tried = mutant
    const started = performance.now()
    const { outcome, by } = await sandbox.withMutant(tried, () => outcomeOf(tried, sandbox))
    counts[outcome]++
    const triedCount = counts.passed + counts.failed + counts['too slow']
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const description = `${by === undefined ? 'SURVIVED' : `${outcome} in ${by.name}`}, ${seconds} s`
    results.add(tried, outcome, `${description}  ${placeOf(tried)}`)
    if (outcome === 'passed') tellSurvivor(tried, `${triedCount}/${drawn.length}  ${description}`)
    else console.log(`${triedCount}/${drawn.length}  ${description}  ${placeOf(tried)}`)
  }
}

/** The checks run until one fails twice: on a busy machine one may fail without a cause. */
async function outcomeOf(mutant: Mutant, sandbox: Sandbox): Promise<{ outcome: Outcome; by?: Check }> {
  for (const check of order.checksFor(mutant)) {
    const limitMs = GRACE_MS + SLOWER_MAX * baselines.of(check)!.ms
    let { outcome } = await sandbox.run(check, limitMs)
    if (outcome === 'failed') outcome = (await sandbox.run(check, limitMs)).outcome
    order.addTrial(mutant, check, outcome !== 'passed')
    if (outcome !== 'passed') return { outcome, by: check }
  }
  return { outcome: 'passed' }
}

function tellSurvivor(mutant: Mutant, description: string): void {
  const [before, after] = linesOf(mutant)
  console.log(`${description}  ${placeOf(mutant)}\n    - ${before}\n    + ${after}`)
}

function placeOf({ file, line, operator }: Mutant): string {
  return `lib/${file}.ts:${line}  ${operator}`
}

/** However this process ends, the copies are removed and their processes end. */
function removeAtExit(): void {
  process.once('exit', () => {
    for (const sandbox of sandboxes) sandbox.remove()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
