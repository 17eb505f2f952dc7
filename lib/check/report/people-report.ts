import { topicOf } from '../check-row.js'
import type { CheckFailure } from '../run/failure.js'
import type { CheckResult } from '../run/run-checks.js'
import { countOutcome, type Report } from './report.js'

const MARKS = { passed: 'pass', failed: 'FAIL', differs: 'diff', skipped: 'skip' } as const
const NAME_WIDTH = 40

/** For people: a line for each check, details of failures, and a summary of the topics. */
export const peopleReport: Report = {
  start: ({ version, software }, address, checkCount) =>
    `${address}: ${software === 'keepcached' ? 'keepcached, which reports ' : ''}memcached ${version}, checks: ${checkCount}\n`,

  result({ check, outcome, reason, failure }) {
    const head = `${MARKS[outcome]}  ${check.name.padEnd(NAME_WIDTH)} ${check.rule}\n`
    const because = reason === undefined ? '' : `      ${reason}\n`
    return head + because + (outcome === 'failed' ? failureText(failure!) : '')
  },

  end(results) {
    const topics = [...new Set(results.map(({ check }) => topicOf(check)))]
    const lines = topics.map((topic) => {
      const own = results.filter(({ check }) => topicOf(check) === topic)
      return `${topic.padEnd(NAME_WIDTH)} ${countsOf(own)}\n`
    })
    return `\n${lines.join('')}${'all'.padEnd(NAME_WIDTH)} ${countsOf(results)}\n`
  },
}

export function failureText({ sent, expected, got }: CheckFailure): string {
  return section('sent', sent) + section('expected', expected) + section('got', got)
}

const section = (title: string, lines: readonly string[]): string =>
  lines.map((line, index) => `      ${(index === 0 ? title : '').padEnd(9)} ${line}\n`).join('')

const WORDS = {
  passed: 'passed',
  failed: 'failed',
  differs: 'known differences',
  skipped: 'skipped',
} as const

function countsOf(results: readonly CheckResult[]): string {
  const outcomes = Object.keys(WORDS) as CheckResult['outcome'][]
  const counts = outcomes.map((outcome) => [outcome, countOutcome(results, outcome)] as const)
  return counts
    .filter(([outcome, count]) => count > 0 || outcome === 'passed')
    .map(([outcome, count]) => `${`${count}`.padStart(3)} ${WORDS[outcome]}`)
    .join(', ')
}
