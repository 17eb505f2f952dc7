import type { Endpoint } from '../../check/client/connection.js'
import { endpointOf, TIMEOUT_BOUNDS_MS, TIMEOUT_MS } from '../arguments/endpoint.js'
import type { ParsedArguments } from '../arguments/parsed-arguments.js'
import type { Io } from '../arguments/sub-command.js'

export type SideName = 'from' | 'to'

/** Where logins come from: they keep passwords out of the list of processes. */
export const SASL_VARIABLES = { from: 'KEEPCACHED_FROM_SASL', to: 'KEEPCACHED_TO_SASL' } as const

/** The address, login and TLS of one side of a copy: its options have the name of the side before them. */
export function sideEndpoint(
  given: ParsedArguments,
  environment: Io['environment'],
  side: SideName,
  address: string,
): Endpoint {
  const login = { KEEPCACHED_SASL: environment[SASL_VARIABLES[side]] }
  const timeoutMs = given.number('timeout', TIMEOUT_MS, TIMEOUT_BOUNDS_MS)
  return endpointOf(given.under(`${side}-`), login, address, timeoutMs)
}
