/** How each check runs without a mutant: it must pass, twice. Its duration limits the runs with a mutant. */
import type { Check } from './checks.js'
import type { Run, Sandbox } from './sandbox.js'
import { NO_MUTANT } from './switches.js'

export interface Baseline {
  readonly ms: number
  /** The mutants whose places it reaches. */
  readonly reached: ReadonlySet<number>
}

const ATTEMPT_COUNT = 2

export class Baselines {
  private readonly measured = new Map<string, Promise<void>>()
  private readonly known = new Map<string, Baseline>()
  /** Mutants whose places run when a module is loaded: they need a process of their own. */
  private readonly loaded = new Set<number>()
  private readonly slowestMs: number

  /** Checks that take longer than `slowestMs` are left out. */
  constructor(slowestMs: number) {
    this.slowestMs = slowestMs
  }

  /** Of a check that has been measured. Undefined if it is left out. */
  of(check: Check): Baseline | undefined {
    return this.known.get(check.name)
  }

  isRunAtLoad(mutant: number): boolean {
    return this.loaded.has(mutant)
  }

  /** Measures those that have not been measured, here or in another sandbox. */
  async measure(checks: readonly Check[], sandbox: Sandbox): Promise<void> {
    for (const check of checks) {
      const { name } = check
      if (!this.measured.has(name)) this.measured.set(name, this.measureOne(check, sandbox))
      await this.measured.get(name)
    }
  }

  /** The first run loads modules. A check that then fails without a mutant, on a busy machine twice, shows nothing about one. */
  private async measureOne(check: Check, sandbox: Sandbox): Promise<void> {
    const first = await sandbox.run(check, NO_MUTANT, this.slowestMs, true)
    let again: Run = first
    for (let attempt = 0; first.outcome !== 'too slow' && attempt < ATTEMPT_COUNT; attempt++) {
      if (again.outcome === 'failed') sandbox.restart()
      again = await sandbox.run(check, NO_MUTANT, this.slowestMs)
      if (again.outcome === 'passed') break
    }
    if (again.outcome !== 'passed') {
      console.log(`without a mutant ${check.name} is ${again.outcome}: it is left out`)
      return
    }
    for (const mutant of first.reachedAtLoad!) this.loaded.add(mutant)
    this.known.set(check.name, { ms: again.ms, reached: first.reached! })
  }
}
