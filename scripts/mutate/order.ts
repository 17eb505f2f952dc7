/** In which order the checks try a mutant, and which of them need not: those that do not run the changed place. */
import { basename } from 'node:path'
import type { Baselines } from './baselines.js'
import type { Check } from './checks.js'
import type { NumberedMutant } from './instrument.js'

interface Record {
  triedCount: number
  caughtCount: number
}

/** What is assumed of a check before it has tried a mutant of the file: it catches one of four, or three of six. */
const UNKNOWN: Readonly<Record> = { triedCount: 4, caughtCount: 1 }
const NAMESAKE: Readonly<Record> = { triedCount: 6, caughtCount: 3 }

export class Order {
  private readonly records = new Map<string, Record>()
  private readonly baselines: Baselines

  constructor(baselines: Baselines) {
    this.baselines = baselines
  }

  /** Those that are likely to catch it in the least time come first. */
  checksFor(mutant: NumberedMutant, checks: readonly Check[]): Check[] {
    const costs = new Map<Check, number>()
    for (const check of checks) {
      const baseline = this.baselines.of(check)
      if (baseline === undefined) continue
      const { ms, reached } = baseline
      if (!reached.has(mutant.id) && !this.baselines.isRunAtLoad(mutant.id)) continue
      const { triedCount, caughtCount } = this.recordOf(mutant.file, check)
      costs.set(check, (ms * triedCount) / caughtCount)
    }
    return [...costs.keys()].sort((a, b) => costs.get(a)! - costs.get(b)!)
  }

  addTrial(mutant: NumberedMutant, check: Check, isCaught: boolean): void {
    const record = this.recordOf(mutant.file, check)
    record.triedCount++
    if (isCaught) record.caughtCount++
  }

  private recordOf(file: string, check: Check): Record {
    const key = `${file} ${check.name}`
    let record = this.records.get(key)
    if (record === undefined) {
      record = { ...(basename(file) === basename(check.name) ? NAMESAKE : UNKNOWN) }
      this.records.set(key, record)
    }
    return record
  }
}
