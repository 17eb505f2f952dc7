import type { CheckResult } from '../run/run-checks.js'
import type { ServerFacts } from '../run/server-facts.js'

/** How results are printed: some of them at once, the rest at the end. Each function returns the text to print. */
export interface Report {
  start(facts: ServerFacts, address: string, checkCount: number): string
  result(result: CheckResult): string
  end(results: readonly CheckResult[]): string
}

export function countOutcome(results: readonly CheckResult[], outcome: CheckResult['outcome']): number {
  return results.filter((result) => result.outcome === outcome).length
}
