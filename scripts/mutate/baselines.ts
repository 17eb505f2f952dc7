/** How each check runs without a mutant: it must pass. Its duration limits the runs with a mutant. */
import type { BaselineFile } from './baseline-file.js'
import type { Check } from './checks.js'
import type { Coverage } from './coverage.js'
import type { Sandbox } from './sandbox.js'

export interface Baseline {
  readonly ms: number
  /** Undefined if it is unknown which places the check runs. */
  readonly coverage: Coverage | undefined
}

const MS_MAX = 10 * 60_000
const COVERAGE_MS_MAX = 60_000
/** From here on coverage may take most of the time: the check is timed again without. */
const SLOWED_FROM_MS = 1000

export class Baselines {
  private readonly known = new Map<string, Baseline>()
  private readonly file: BaselineFile

  constructor(file: BaselineFile) {
    this.file = file
  }

  of(check: Check): Baseline {
    return this.known.get(check.name)!
  }

  /** Runs the checks, as many at a time as there are sandboxes. */
  async measure(checks: readonly Check[], sandboxes: readonly Sandbox[]): Promise<void> {
    const waiting = [...new Map(checks.map((check) => [check.name, check])).values()]
    const measureNext = async (sandbox: Sandbox): Promise<void> => {
      for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
        let baseline = this.file.read(check)
        if (baseline === undefined) {
          baseline = await measured(check, sandbox)
          this.file.write(check, baseline)
        }
        this.known.set(check.name, baseline)
      }
    }
    await Promise.all(sandboxes.map(measureNext))
  }
}

/** On a busy machine a check may pass at the second attempt. */
async function measured(check: Check, sandbox: Sandbox): Promise<Baseline> {
  let coverage: Coverage | undefined
  if (check.isMeasured) {
    const covered = await sandbox.runWithCoverage(check, COVERAGE_MS_MAX)
    if (covered.outcome === 'passed') {
      coverage = covered.coverage
      if (covered.ms < SLOWED_FROM_MS) return { ms: covered.ms, coverage }
    }
  }
  for (let attempt = 0; attempt < 2; attempt++) {
    const { outcome, ms } = await sandbox.run(check, MS_MAX)
    if (outcome === 'passed') return { ms, coverage }
  }
  throw new Error(
    `${sandbox.lastOutput}\nmutate: without any mutant ${check.name} fails, so none can be tried`,
  )
}
