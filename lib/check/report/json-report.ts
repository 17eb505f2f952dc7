import type { CheckResult } from '../run/run-checks.js'
import type { ServerFacts } from '../run/server-facts.js'
import { countOutcome, type Report } from './report.js'

/** For programs: one object, at the end. */
export function jsonReport(): Report {
  let server = {}
  return {
    start({ version, software }: ServerFacts, address) {
      server = { address, version, software }
      return ''
    },
    result: () => '',
    end(results) {
      const summary = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, countOutcome(results, outcome)]))
      return `${JSON.stringify({ server, summary, checks: results.map(fieldsOf) }, undefined, 2)}\n`
    },
  }
}

const OUTCOMES = ['passed', 'failed', 'differs', 'skipped'] as const

function fieldsOf({ check, outcome, reason, failure }: CheckResult): object {
  const { name, rule } = check
  const messages = failure && { sent: failure.sent, expected: failure.expected, got: failure.got }
  return { name, rule, outcome, ...(reason !== undefined && { reason }), ...messages }
}
