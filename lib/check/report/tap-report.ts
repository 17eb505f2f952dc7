import type { CheckFailure } from '../run/failure.js'
import type { Report } from './report.js'

/** TAP, version 13. A known difference is a TODO in TAP: not ok, but not a failure. */
export function tapReport(): Report {
  let number = 0
  return {
    start: (_, __, checkCount) => `TAP version 13\n1..${checkCount}\n`,
    result({ check, outcome, reason, failure }) {
      number += 1
      const isOk = outcome === 'passed' || outcome === 'skipped'
      const directive =
        outcome === 'skipped' ? ` # SKIP ${reason}` : outcome === 'differs' ? ` # TODO ${reason}` : ''
      const head = `${isOk ? 'ok' : 'not ok'} ${number} - ${check.name}: ${check.rule.replaceAll('#', '\\#')}${directive}\n`
      return head + (failure === undefined ? '' : yamlOf(failure))
    },
    end: () => '',
  }
}

/** JSON strings are YAML strings. */
function yamlOf({ sent, expected, got }: CheckFailure): string {
  const lists = Object.entries({ sent, expected, got }).map(
    ([name, lines]) => `  ${name}:\n${lines.map((line) => `    - ${JSON.stringify(line)}\n`).join('')}`,
  )
  return `  ---\n${lists.join('')}  ...\n`
}
