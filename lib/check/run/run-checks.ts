import type { Check } from '../check-row.js'
import { ClientError } from '../client/client-error.js'
import { CheckFailure, SILENCE } from './failure.js'
import { playCheck, type Stage, waits } from './run-check.js'
import { isSince, type ServerFacts } from './server-facts.js'

/** The result of a check. A difference is a deviation that is known of such a server. */
export interface CheckResult {
  readonly check: Check
  readonly outcome: 'passed' | 'failed' | 'differs' | 'skipped'
  /** For a difference, and for a skipped check. */
  readonly reason?: string
  /** For a failure, and for a difference. */
  readonly failure?: CheckFailure
}

/**
 * Runs the checks one after another and returns their results in order. Those that wait for the clock start
 * first and together, so that all of them take as long as the slowest.
 */
export async function* runChecks(checks: readonly Check[], stage: Stage): AsyncGenerator<CheckResult> {
  const begun = new Map<Check, Promise<CheckResult>>()
  // Checks that delete the items of all others run alone.
  for (const check of checks)
    if (waits(check) && !check.terms.isDestructive) begun.set(check, runOne(check, stage))
  try {
    for (const check of checks) yield await (begun.get(check) ?? runOne(check, stage))
  } finally {
    // A check that is still running would use keys after they were deleted.
    await Promise.allSettled(begun.values())
  }
}

async function runOne(check: Check, stage: Stage): Promise<CheckResult> {
  const skipReason = check.terms.skipReason?.(stage.facts)
  if (skipReason !== undefined) return { check, outcome: 'skipped', reason: skipReason }
  if (stage.ending.aborted) return { check, outcome: 'skipped', reason: INTERRUPTED }
  try {
    await playCheck(check, stage)
    return { check, outcome: 'passed' }
  } catch (error) {
    if (stage.ending.aborted) return { check, outcome: 'skipped', reason: INTERRUPTED }
    const failure = failureOf(error)
    const reason = knownDifference(check, stage.facts)
    return reason === undefined
      ? { check, outcome: 'failed', failure }
      : { check, outcome: 'differs', reason, failure }
  }
}

const INTERRUPTED = 'the run was interrupted'

/** Why such a server differs, if that is known. */
function knownDifference({ terms }: Check, { version, software }: ServerFacts): string | undefined {
  const { since, differs } = terms
  if (since !== undefined && !isSince(version, since[0])) return `before ${since[0]}: ${since[1]}`
  return differs?.[0] === software ? differs[1] : undefined
}

/** A failed connection fails the check like a wrong reply: the server may have ended meanwhile. */
function failureOf(error: unknown): CheckFailure {
  if (error instanceof CheckFailure) return error
  if (error instanceof ClientError)
    return new CheckFailure({ sent: [SILENCE], expected: ['(a connection)'], got: [`(${error.message})`] })
  throw error
}
