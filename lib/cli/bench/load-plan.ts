import type { ClientProtocol } from '../../client/connection/connection-options.js'
import type { ParsedArguments } from '../arguments/parsed-arguments.js'
import { Refusal } from '../arguments/refusal.js'
import { ExitCode } from '../exit-codes.js'

/** What is sent to each server. */
export interface LoadPlan {
  readonly protocol: ClientProtocol
  readonly connections: number
  /** Requests of one connection whose replies are still to come. */
  readonly inFlight: number
  /** From 0 to 1. */
  readonly getShare: number
  /** Of values, in bytes. */
  readonly lengthMin: number
  readonly lengthMax: number
  readonly ttlSeconds: number
  readonly keyCount: number
  readonly prefix: string
  /** Undefined: all keys are alike. */
  readonly zipfExponent: number | undefined
  /** Requests per second; undefined: each as soon as the one before it is answered. */
  readonly rate: number | undefined
  readonly seconds: number
  /** Undefined: as many as fit into the seconds. */
  readonly count: number | undefined
  readonly warmUpSeconds: number
  readonly fills: boolean
  readonly rounds: number
  readonly seed: number
}

export function loadPlanOf(given: ParsedArguments, hasLogin: boolean): LoadPlan {
  const optional = (name: string, bounds: readonly [number, number]): number | undefined =>
    given.has(name) ? given.number(name, 0, bounds) : undefined
  const count = optional('count', [1, 1e12])
  if (count !== undefined && given.has('seconds'))
    throw new Refusal(ExitCode.USAGE, 'bench: --count and --seconds exclude each other')
  const rate = optional('rate', [1, 10_000_000])
  return {
    protocol: protocolOf(given.text('protocol') ?? (hasLogin ? 'binary' : 'text')),
    connections: given.number('connections', 50, [1, 20_000]),
    inFlight: given.number('in-flight', 1, [1, 1024]),
    getShare: given.number('gets', 90, [0, 100]) / 100,
    ...lengthsOf(given.text('size') ?? '100'),
    ttlSeconds: given.number('ttl', 3600, [0, 2 ** 31 - 1]),
    keyCount: given.number('keys', 10_000, [1, 1e9]),
    prefix: prefixOf(given.text('prefix') ?? 'bench:'),
    zipfExponent: exponentOf(given.text('zipf')),
    rate,
    seconds:
      count !== undefined && rate !== undefined ? count / rate : given.number('seconds', 10, [1, 86_400]),
    count,
    warmUpSeconds: given.number('warm-up', 1, [0, 3600]),
    fills: !given.has('no-fill'),
    rounds: given.number('rounds', 5, [1, 1000]),
    seed: given.number('seed', 1, [0, 2 ** 31 - 1]),
  }
}

function protocolOf(text: string): ClientProtocol {
  if (text === 'text' || text === 'meta' || text === 'binary') return text
  throw new Refusal(ExitCode.USAGE, `--protocol: ${text} is none of text, meta, binary`)
}

/** `100`, or `100-2000`. */
function lengthsOf(text: string): { lengthMin: number; lengthMax: number } {
  const [, min = '', max = min] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? []
  const lengthMin = Number(min)
  const lengthMax = Number(max)
  if (min === '' || lengthMin > lengthMax || lengthMax > LENGTH_MAX)
    throw new Refusal(
      ExitCode.USAGE,
      `--size: ${text} is no number of bytes up to ${LENGTH_MAX}, nor MIN-MAX`,
    )
  return { lengthMin, lengthMax }
}

function prefixOf(prefix: string): string {
  if (/^[!-~]{0,200}$/.test(prefix)) return prefix
  throw new Refusal(ExitCode.USAGE, '--prefix: at most 200 printable characters without spaces')
}

function exponentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const exponent = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && exponent > 0 && exponent <= 5) return exponent
  throw new Refusal(ExitCode.USAGE, `--zipf: ${text} is no exponent above 0, and at most 5`)
}

const LENGTH_MAX = 64 * 1024 * 1024
