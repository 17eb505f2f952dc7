import { showAddress } from '../../check/client/address.js'
import type { Endpoint } from '../../check/client/connection.js'
import type { ParsedArguments } from '../arguments/parsed-arguments.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import type { CopyRule } from './copy-item.js'
import { sideEndpoint } from './side-endpoint.js'

/** What the options ask for. */
export interface CopyPlan extends CopyRule {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly toProtocol: 'meta' | 'binary'
  readonly prefix: Buffer
  /** Items are copied, or those are counted that would be; otherwise they are only compared. */
  readonly copies: boolean
  readonly compares: boolean
  readonly toleranceSeconds: number
  readonly inFlight: number
  readonly rate: number | undefined
  /** Where the list of keys is kept. */
  readonly file: string | undefined
  readonly isJson: boolean
}

export function copyPlanOf(given: ParsedArguments, io: Io): CopyPlan {
  for (const [one, other] of EXCLUDING)
    if (given.has(one) && given.has(other))
      throw new Refusal(ExitCode.USAGE, `copy: --${one} and --${other} exclude each other`)
  const [from, to] = (['from', 'to'] as const).map((side, index) =>
    sideEndpoint(given, io.environment, side, given.operands[index]!),
  ) as [Endpoint, Endpoint]
  if (showAddress(from.address) === showAddress(to.address))
    throw new Refusal(ExitCode.USAGE, 'copy: FROM and TO are the same server')
  const isDry = given.has('dry-run')
  const compares = given.has('verify')
  const rate = given.number('rate', 0, [1, RATE_MAX])
  return {
    from,
    to,
    toProtocol: given.has('to-binary') ? 'binary' : 'meta',
    prefix: Buffer.from(given.text('prefix') ?? ''),
    replaces: given.has('replace'),
    isDry,
    copies: !isDry || !compares,
    compares,
    toleranceSeconds: given.number('tolerance', TOLERANCE_SECONDS, [0, TOLERANCE_SECONDS_MAX]),
    inFlight: given.number('in-flight', IN_FLIGHT, [1, IN_FLIGHT_MAX]),
    rate: rate === 0 ? undefined : rate,
    file: given.text('resume'),
    isJson: given.has('json'),
  }
}

/** One copy, as its file names it: a file of another one is not resumed. */
export const nameOf = ({ from, to, prefix, replaces }: CopyPlan): string =>
  JSON.stringify({
    from: showAddress(from.address),
    to: showAddress(to.address),
    prefix: prefix.toString('latin1'),
    replaces,
  })

const EXCLUDING = [
  ['keep', 'replace'],
  ['resume', 'dry-run'],
] as const
const TOLERANCE_SECONDS = 5
const TOLERANCE_SECONDS_MAX = 1_000_000
const IN_FLIGHT = 256
/** A connection has so many calls under way. */
const IN_FLIGHT_MAX = 1000
const RATE_MAX = 10_000_000
