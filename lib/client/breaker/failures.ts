import { ClientError, type ClientErrorCode } from '../client-error.js'
import type { TripRule } from './breaker.js'

/** Whether an error says that the server does not work. */
export type IsFailure = (error: Error) => boolean

/**
 * Not a failure: what the server replied, even "out of memory" (SERVER), as it works; a wrong login (AUTH), which waiting does not
 * mend; what the caller did wrong or gave up.
 */
const FAILURES: ReadonlySet<ClientErrorCode> = new Set<ClientErrorCode>([
  'TIMEOUT',
  'UNREACHABLE',
  'CONNECTION',
  'PROTOCOL',
])

export const isFailure: IsFailure = (error) => error instanceof ClientError && FAILURES.has(error.code)

/** So many failures, and no success between them. */
export const consecutiveFailures =
  (count: number): TripRule =>
  (counts) =>
    counts.consecutiveFailures >= count

/** A share of the requests in the window, if there were enough of them to tell. */
export const failureShare =
  (share: number, requestsMin: number): TripRule =>
  ({ requests, failures }) =>
    requests >= requestsMin && failures >= share * requests

/** Either of two rules. */
export const eitherOf =
  (one: TripRule, other: TripRule): TripRule =>
  (counts) =>
    one(counts) || other(counts)
