/** `keepcached check`: runs the checks against a server and prints the results. */
import { randomBytes } from 'node:crypto'
import { CHECKS } from '../../check/all-checks.js'
import type { Check, CheckedProtocol } from '../../check/check-row.js'
import { showAddress } from '../../check/client/address.js'
import { jsonReport } from '../../check/report/json-report.js'
import { peopleReport } from '../../check/report/people-report.js'
import type { Report } from '../../check/report/report.js'
import { tapReport } from '../../check/report/tap-report.js'
import { PREFIX_LENGTH_MAX } from '../../check/run/keys.js'
import { runAndTidy } from '../../check/run/run-and-tidy.js'
import type { CheckResult } from '../../check/run/run-checks.js'
import { askFacts } from '../../check/run/server-facts.js'
import { endpointOf } from '../arguments/endpoint.js'
import type { ParsedArguments } from '../arguments/parsed-arguments.js'
import { Refusal } from '../arguments/refusal.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { explainSilence } from '../shell/cache/silence.js'

export const check: Run = async (given, io) => {
  const endpoint = endpointOf(given, io.environment, given.operands[0])
  const checks = chosenChecks(given, endpoint.credentials !== undefined)
  if (given.has('list')) {
    await io.write(checks.map(({ name, rule }) => `${name}\t${rule}\n`).join(''))
    return ExitCode.OK
  }
  const prefix = prefixOf(given)
  const isBinary = checks.some(({ protocol }) => protocol === 'binary')
  const askForFacts = () => askFacts(endpoint, isBinary)
  const facts = isBinary ? await explainSilence(endpoint, askForFacts) : await askForFacts()
  const report = reportOf(given)
  const results: CheckResult[] = []
  const ending = io.interruption()
  await io.write(report.start(facts, showAddress(endpoint.address), checks.length))
  for await (const result of runAndTidy(checks, endpoint, prefix, facts, ending)) {
    if (ending.aborted) continue
    results.push(result)
    await io.write(report.result(result))
  }
  if (ending.aborted) return ExitCode.NO
  await io.write(report.end(results))
  return results.some(({ outcome }) => outcome === 'failed') ? ExitCode.NO : ExitCode.OK
}

const PROTOCOLS: readonly CheckedProtocol[] = ['binary', 'text', 'meta']

function chosenChecks(given: ParsedArguments, logsIn: boolean): readonly Check[] {
  const named = PROTOCOLS.filter((protocol) => given.has(protocol))
  const usual = logsIn ? (['binary'] as const) : PROTOCOLS
  const protocols = named.length > 0 ? named : usual
  const part = given.text('only') ?? ''
  const chosen = CHECKS.filter(
    ({ protocol, name, terms }) =>
      protocols.includes(protocol) &&
      name.includes(part) &&
      (given.has('destructive') || !terms.isDestructive),
  )
  if (chosen.length === 0) throw new Refusal(ExitCode.USAGE, `check: no check is called ${part}`)
  return chosen
}

function prefixOf(given: ParsedArguments): string {
  const prefix = given.text('prefix') ?? `keepcached-check:${randomBytes(4).toString('hex')}:`
  if (/^[!-~]+$/.test(prefix) && prefix.length <= PREFIX_LENGTH_MAX) return prefix
  throw new Refusal(ExitCode.USAGE, `--prefix: 1 to ${PREFIX_LENGTH_MAX} printable characters without spaces`)
}

function reportOf(given: ParsedArguments): Report {
  if (given.has('json') && given.has('tap'))
    throw new Refusal(ExitCode.USAGE, 'check: --json and --tap exclude each other')
  if (given.has('json')) return jsonReport()
  return given.has('tap') ? tapReport() : peopleReport
}
