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

const COVERAGE_MS_MAX = 60_000
const ATTEMPT_COUNT = 2

export class Baselines {
  private readonly known = new Map<string, Baseline>()
  private readonly file: BaselineFile
  private readonly slowestMs: number

  /** Checks that take longer than `slowestMs` are left out. */
  constructor(file: BaselineFile, slowestMs: number) {
    this.file = file
    this.slowestMs = slowestMs
  }

  /** Undefined if the check is left out. */
  of(check: Check): Baseline | undefined {
    return this.known.get(check.name)
  }

  /** Runs the checks, as many at a time as there are sandboxes. */
  async measure(checks: readonly Check[], sandboxes: readonly Sandbox[]): Promise<void> {
    const waiting = [...new Map(checks.map((check) => [check.name, check])).values()]
    const measureNext = async (sandbox: Sandbox): Promise<void> => {
      for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
        const baseline = this.file.read(check) ?? (await this.measured(check, sandbox))
        if (baseline !== undefined) this.known.set(check.name, baseline)
      }
    }
    await Promise.all(sandboxes.map(measureNext))
  }

  /** A check that fails without a mutant, on a busy machine twice, shows nothing about one. */
  private async measured(check: Check, sandbox: Sandbox): Promise<Baseline | undefined> {
    let run = await sandbox.run(check, this.slowestMs)
    for (let attempt = 1; run.outcome === 'failed' && attempt < ATTEMPT_COUNT; attempt++) {
      run = await sandbox.run(check, this.slowestMs)
    }
    if (run.outcome !== 'passed') {
      console.log(`without a mutant ${check.name} is ${run.outcome}: it is left out`)
      return undefined
    }
    const covered = check.isMeasured ? await sandbox.runWithCoverage(check, COVERAGE_MS_MAX) : undefined
    const baseline = { ms: run.ms, coverage: covered?.outcome === 'passed' ? covered.coverage : undefined }
    this.file.write(check, baseline)
    return baseline
  }
}
