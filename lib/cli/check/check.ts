/** `keepcached check`: plays the table of checks to a server and tells how it went. */
import { randomBytes } from 'node:crypto'
import { showAddress } from '../connection/address.js'
import type { Endpoint } from '../connection/connection.js'
import { endpointOf } from '../connection/endpoint.js'
import { ExitCode } from '../exit-codes.js'
import type { ParsedArguments } from '../parsed-arguments.js'
import { Refusal } from '../refusal.js'
import { refusingWithoutServer } from '../shell/open-cache.js'
import type { Run } from '../sub-command.js'
import { CHECKS } from './all-checks.js'
import type { Check, CheckedProtocol } from './check-row.js'
import { jsonReport } from './report/json-report.js'
import { peopleReport } from './report/people-report.js'
import type { Report } from './report/report.js'
import { tapReport } from './report/tap-report.js'
import { Keys, PREFIX_LENGTH_MAX } from './run/keys.js'
import { removeKeys } from './run/remove-keys.js'
import { type CheckResult, runChecks } from './run/run-checks.js'
import { askFacts, type ServerFacts } from './run/server-facts.js'

export const check: Run = async (given, io) => {
  const endpoint = endpointOf(given, io.environment, given.operands[0])
  const checks = chosenChecks(given, endpoint.credentials !== undefined)
  if (given.has('list')) {
    await io.write(checks.map(({ name, rule }) => `${name}\t${rule}\n`).join(''))
    return ExitCode.OK
  }
  const prefix = prefixOf(given)
  const isBinary = checks.some(({ protocol }) => protocol === 'binary')
  const facts = await refusingWithoutServer(() => askFacts(endpoint, isBinary))
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

/**
 * Keys are removed in the protocol that they were used in: a server may speak only one. Once it is to end, no check begins
 * any more, and those that wait for the clock wait no longer.
 */
export async function* runAndTidy(
  checks: readonly Check[],
  endpoint: Endpoint,
  prefix: string,
  facts: ServerFacts,
  ending: AbortSignal,
): AsyncGenerator<CheckResult> {
  for (const isBinary of [true, false]) {
    const own = checks.filter(({ protocol }) => (protocol === 'binary') === isBinary)
    if (own.length === 0) continue
    const keys = new Keys(prefix)
    try {
      yield* runChecks(own, { endpoint, keys, facts, ending })
    } finally {
      await removeKeys(keys.used, endpoint, isBinary)
    }
  }
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
