import { expect } from 'chai'
import { rowsOf } from '../../lib/check/check-row.js'
import { jsonReport } from '../../lib/check/report/json-report.js'
import { peopleReport } from '../../lib/check/report/people-report.js'
import type { Report } from '../../lib/check/report/report.js'
import { tapReport } from '../../lib/check/report/tap-report.js'
import { CheckFailure } from '../../lib/check/run/failure.js'
import type { CheckResult } from '../../lib/check/run/run-checks.js'

const FACTS = { version: '1.6.18', software: 'memcached', itemSizeMax: 1024, asksForSasl: false } as const
const row = rowsOf('text.get')
const failure = new CheckFailure({ sent: ['"get k"'], expected: ['"END"'], got: ['"ERROR"', '"END"'] })
const RESULTS: readonly CheckResult[] = [
  { check: row('one', 'The first rule', ''), outcome: 'passed' },
  { check: row('two', 'The second rule', ''), outcome: 'failed', failure },
  { check: row('three', 'The third rule', ''), outcome: 'differs', reason: 'it is old', failure },
  { check: row('four', 'The fourth rule', ''), outcome: 'skipped', reason: 'it requires a login' },
]

const told = (report: Report): string =>
  report.start(FACTS, 'cache:11211', RESULTS.length) +
  RESULTS.map((result) => report.result(result)).join('') +
  report.end(RESULTS)

describe('what check prints', () => {
  it('is readable text by default', () => {
    expect(told(peopleReport)).to.equal(`cache:11211: memcached 1.6.18, checks: 4
pass  text.get.one                             The first rule
FAIL  text.get.two                             The second rule
      sent      "get k"
      expected  "END"
      got       "ERROR"
                "END"
diff  text.get.three                           The third rule
      it is old
skip  text.get.four                            The fourth rule
      it requires a login

text.get                                   1 passed,   1 failed,   1 known differences,   1 skipped
all                                        1 passed,   1 failed,   1 known differences,   1 skipped
`)
  })

  it('can be TAP, where a known difference is not a failure', () => {
    const lists = `  ---
  sent:
    - "\\"get k\\""
  expected:
    - "\\"END\\""
  got:
    - "\\"ERROR\\""
    - "\\"END\\""
  ...
`
    expect(told(tapReport())).to.equal(`TAP version 13
1..4
ok 1 - text.get.one: The first rule
not ok 2 - text.get.two: The second rule
${lists}not ok 3 - text.get.three: The third rule # TODO it is old
${lists}ok 4 - text.get.four: The fourth rule # SKIP it requires a login
`)
  })

  it('can be JSON, which has everything', () => {
    const messages = { sent: ['"get k"'], expected: ['"END"'], got: ['"ERROR"', '"END"'] }
    expect(JSON.parse(told(jsonReport()))).to.deep.equal({
      server: { address: 'cache:11211', version: '1.6.18', software: 'memcached' },
      summary: { passed: 1, failed: 1, differs: 1, skipped: 1 },
      checks: [
        { name: 'text.get.one', rule: 'The first rule', outcome: 'passed' },
        { name: 'text.get.two', rule: 'The second rule', outcome: 'failed', ...messages },
        {
          name: 'text.get.three',
          rule: 'The third rule',
          outcome: 'differs',
          reason: 'it is old',
          ...messages,
        },
        { name: 'text.get.four', rule: 'The fourth rule', outcome: 'skipped', reason: 'it requires a login' },
      ],
    })
  })
})
