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
import { draw } from './draw.js'
import { linesOf, type Mutant, mutantsOf } from './mutants.js'
import { type Outcome, Sandbox } from './sandbox.js'
import { describe, type Stage, stagesOf } from './stages.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const LIB = join(ROOT, 'dist', 'lib')
const SANDBOXES_MAX = 2

/** A mutant that takes this many times as long as the specs without one hangs. The margin is for a busy machine. */
const SLOWER_MAX = 4
const GRACE_MS = 10_000
const BASELINE_MS_MAX = 20 * 60_000

const USAGE =
  'usage: npm run mutate -- FOLDER[/FILE.ts[:LINE]]… [--mutants NUMBER] [--seed INTEGER] [--threshold PERCENT] [--stages NUMBER] [--processes NUMBER]'

const OPTIONS = {
  mutants: { type: 'string', default: '300' },
  seed: { type: 'string' },
  threshold: { type: 'string', default: '0' },
  stages: { type: 'string', default: '99' },
  processes: { type: 'string', default: `${Math.min(SANDBOXES_MAX, availableParallelism())}` },
} as const
const { values, positionals } = readWords(USAGE, OPTIONS, true)
const mutantCount = Number(values.mutants)
const threshold = Number(values.threshold)
const stageCountMax = Number(values.stages)
const sandboxCount = Number(values.processes)
const seed = values.seed === undefined ? new Random().seed : Number(values.seed)
if (
  positionals.length === 0 ||
  !(mutantCount > 0) ||
  !Number.isInteger(seed) ||
  !(threshold >= 0) ||
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

const limitsMs = new Map<Stage, number>()
const counts: Record<Outcome, number> = { passed: 0, failed: 0, 'too slow': 0 }
const waiting = [...drawn]
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

/**
 * Without a mutant every spec must pass, on a busy machine at the second attempt. The duration of that run limits the runs
 * with a mutant. It is measured when the first mutant reaches the stage.
 */
async function limitOf(stage: Stage, sandbox: Sandbox): Promise<number> {
  const known = limitsMs.get(stage)
  if (known !== undefined) return known
  let { outcome, ms } = await sandbox.runStage(stage, BASELINE_MS_MAX)
  if (outcome !== 'passed') ({ outcome, ms } = await sandbox.runStage(stage, BASELINE_MS_MAX))
  if (outcome !== 'passed')
    fail(`${sandbox.lastOutput}\nmutate: without any mutant a spec fails, so none can be tried`)
  console.log(`without a mutant ${describe(stage)} takes ${(ms / 1000).toFixed(1)} s`)
  limitsMs.set(stage, GRACE_MS + SLOWER_MAX * ms)
  return limitsMs.get(stage)!
}

async function tryMutants(sandbox: Sandbox): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const { outcome, stageCount, ms } = await sandbox.tryMutant(
      mutant,
      stagesOf(mutant.file).slice(0, stageCountMax),
      limitOf,
    )
    counts[outcome]++
    const triedCount = counts.passed + counts.failed + counts['too slow']
    const place = `lib/${mutant.file}.ts:${mutant.line}  ${mutant.operator}`
    const verdict = outcome === 'passed' ? 'SURVIVED' : outcome
    console.log(
      `${triedCount}/${drawn.length}  ${verdict} in stage ${stageCount}, ${(ms / 1000).toFixed(1)} s  ${place}`,
    )
    if (outcome === 'passed') tellSurvivor(mutant)
  }
}

function tellSurvivor(mutant: Mutant): void {
  const [before, after] = linesOf(mutant)
  console.log(`    - ${before}\n    + ${after}`)
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
