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
import { Baselines } from './baselines.js'
import { type Check, stagesOf } from './checks.js'
import { draw } from './draw.js'
import type { NumberedMutant } from './instrument.js'
import { linesOf, type Mutant, mutantsOf } from './mutants.js'
import { Order } from './order.js'
import { Results } from './results.js'
import { type Outcome, Sandbox } from './sandbox.js'
import { NO_MUTANT } from './switches.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const LIB = join(ROOT, 'dist', 'lib')
const SANDBOXES_MAX = 2

/** A mutant with which a check is active for this many times as long as without one hangs. */
const SLOWER_MAX = 4
const GRACE_MS = 2000
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
const drawn: NumberedMutant[] = draw(mutantsByFile, mutantCount, new Random(seed)).map((mutant, id) => ({
  ...mutant,
  id,
}))
if (drawn.length === 0) fail(`mutate: there is nothing to change in ${positionals.join(', ')} of lib`)
console.log(
  `${mutantsByFile.flat().length} mutants in ${mutantsByFile.length} files; ${drawn.length} of them are tried, the seed is ${seed}`,
)

const counts: Record<Outcome, number> = { passed: 0, failed: 0, 'too slow': 0 }
const results = new Results(values.results)
const waiting = drawn.filter((mutant) => {
  const known = results.outcomeOf(mutant)
  if (known !== undefined) counts[known]++
  if (known === 'passed') tellSurvivor(mutant, 'SURVIVED before')
  return known === undefined
})
const sandboxes = Array.from({ length: sandboxCount }, () => new Sandbox(ROOT, seed, drawn))
removeAtExit()
const baselines = new Baselines(slowestMs)
const order = new Order(baselines)
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
    const { outcome, by } = await outcomeOf(tried, sandbox)
    counts[outcome]++
    const triedCount = counts.passed + counts.failed + counts['too slow']
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const description = `${by === undefined ? 'SURVIVED' : `${outcome} in ${by.name}`}, ${seconds} s`
    results.add(tried, outcome, `${description}  ${placeOf(tried)}`)
    if (outcome === 'passed') tellSurvivor(tried, `${triedCount}/${drawn.length}  ${description}`)
    else console.log(`${triedCount}/${drawn.length}  ${description}  ${placeOf(tried)}`)
  }
}

async function outcomeOf(
  mutant: NumberedMutant,
  sandbox: Sandbox,
): Promise<{ outcome: Outcome; by?: Check }> {
  for (const stage of stagesOf(mutant.file)) {
    await baselines.measure(stage, sandbox)
    const by = await catcherOf(mutant, order.checksFor(mutant, stage), sandbox)
    if (by !== undefined) return by
  }
  return { outcome: 'passed' }
}

/** The first of the checks that catches the mutant. */
async function catcherOf(
  mutant: NumberedMutant,
  checks: readonly Check[],
  sandbox: Sandbox,
): Promise<{ outcome: Outcome; by: Check } | undefined> {
  const isRunAtLoad = baselines.isRunAtLoad(mutant.id)
  if (isRunAtLoad) sandbox.restart(mutant.id)
  try {
    for (const check of checks) {
      const outcome = await tryOnce(mutant, check, sandbox)
      order.addTrial(mutant, check, outcome !== 'passed')
      if (outcome !== 'passed') return { outcome, by: check }
    }
    return undefined
  } finally {
    if (isRunAtLoad) sandbox.restart()
  }
}

/**
 * A check must fail twice: on a busy machine one may fail, or be slow, without a cause. If it then fails without the mutant too, a
 * failure has left something behind in the process, and the second try is that of a new one.
 */
async function tryOnce(mutant: NumberedMutant, check: Check, sandbox: Sandbox): Promise<Outcome> {
  const limitMs = GRACE_MS + SLOWER_MAX * baselines.of(check)!.ms
  const { outcome } = await sandbox.run(check, mutant.id, limitMs)
  if (outcome === 'passed') return outcome
  if (baselines.isRunAtLoad(mutant.id)) sandbox.restart(mutant.id)
  else if ((await sandbox.run(check, NO_MUTANT, limitMs)).outcome !== 'passed') sandbox.restart()
  return (await sandbox.run(check, mutant.id, limitMs)).outcome
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
