import type { Check } from '../check-row.js'
import type { Endpoint } from '../client/connection.js'
import { Keys } from './keys.js'
import { removeKeys } from './remove-keys.js'
import { type CheckResult, runChecks } from './run-checks.js'
import type { ServerFacts } from './server-facts.js'

/**
 * Keys are deleted in the protocol that they were used in: a server may accept only one. After an abort no check begins
 * any more, and those that wait for the clock stop waiting.
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
