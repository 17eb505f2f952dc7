/** How each check runs without a mutant: it must pass. Its duration limits the runs with a mutant. */
import type { Check } from './checks.js'
import type { Coverage } from './coverage.js'
import type { Sandbox } from './sandbox.js'

export interface Baseline {
  readonly ms: number
  /** Undefined if it is unknown which places the check runs. */
  readonly coverage: Coverage | undefined
}

const MS_MAX = 10 * 60_000
/** Beyond this the check runs again without coverage. */
const COVERAGE_MS_MAX = 60_000

export class Baselines {
  private readonly known = new Map<string, Baseline>()

  of(check: Check): Baseline {
    return this.known.get(check.name)!
  }

  /** Runs the checks, as many at a time as there are sandboxes. */
  async measure(checks: readonly Check[], sandboxes: readonly Sandbox[]): Promise<void> {
    const waiting = [...new Map(checks.map((check) => [check.name, check])).values()]
    const measureNext = async (sandbox: Sandbox): Promise<void> => {
      for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
        this.known.set(check.name, await measured(check, sandbox))
      }
    }
    await Promise.all(sandboxes.map(measureNext))
  }
}

/** On a busy machine a check may pass at the second attempt. */
async function measured(check: Check, sandbox: Sandbox): Promise<Baseline> {
  if (check.isMeasured) {
    const { outcome, ms, coverage } = await sandbox.runWithCoverage(check, COVERAGE_MS_MAX)
    if (outcome === 'passed') return { ms, coverage }
  }
  for (let attempt = 0; attempt < 2; attempt++) {
    const { outcome, ms } = await sandbox.run(check, MS_MAX)
    if (outcome === 'passed') return { ms, coverage: undefined }
  }
  throw new Error(
    `${sandbox.lastOutput}\nmutate: without any mutant ${check.name} fails, so none can be tried`,
  )
}
