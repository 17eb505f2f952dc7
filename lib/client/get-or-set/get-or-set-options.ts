import { RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'
import { badOption, checkFunctions, checkWord, isSignal } from '../check-options.js'
import type { Key } from '../commands/command-options.js'
import type { CallOptions } from '../commands/executor.js'
import { callOptionNames, checkCallOptions } from '../option-names.js'
import { expiryOf, isPast, type Ttl } from '../ttl.js'

/** Makes the value of a key. Undefined: there is none, and nothing is stored. */
export type Load<Value, K extends Key = Key> = (key: K) => Value | Promise<Value>

export interface GetOrSetOptions extends CallOptions {
  /** How long the item is still returned after its ttl, while one caller loads it anew. Default: 0. */
  readonly staleFor?: number | string
  /** The last part of the ttl, in which one caller loads the item anew already while all get the old one. Default: 0. */
  readonly refreshBefore?: number | string
  /** How long the others leave the load to one caller. Then another one begins it too. Default: 30 seconds. */
  readonly lockTtl?: number | string
  /** Milliseconds until this caller fails with TIMEOUT, loading included. Default: 30,000. */
  readonly deadline?: number
  /** `load` (default): if the server cannot be asked, the value is loaded and not stored. `fail`: the call fails. */
  readonly whenDown?: 'load' | 'fail'
  /** Is told why the value could not be loaded anew while callers got the old one. */
  readonly onRefreshError?: (error: Error) => void
}

/** The options of a call in seconds. */
export interface Terms {
  /** The ttl is a Date that has passed: what is loaded is not stored. */
  readonly isOver: boolean
  /** From now until the item is stale; 0: it never is. */
  readonly freshSeconds: number
  /** From now until it expires; 0: never. */
  readonly totalSeconds: number
  /** One caller loads the item anew if it lives no longer than this. */
  readonly windowSeconds: number
  readonly lockSeconds: number
  /** Of each request. */
  readonly requestOptions: CallOptions | undefined
}

/** Throws BAD_TTL or BAD_OPTION. */
export function termsOf(ttl: Ttl | undefined, options: GetOrSetOptions): Terms {
  checkCallOptions(options, NAMES)
  checkFunctions('', options, ['onRefreshError'])
  checkWord('whenDown', options.whenDown, WHEN_DOWN)
  for (const name of ['staleFor', 'refreshBefore', 'lockTtl'] as const) checkLength(name, options[name])
  const { deadline = DEADLINE_MS, timeout, signal } = options
  if (!(typeof deadline === 'number' && deadline > 0)) throw badOption('deadline', 'milliseconds, above 0')
  if (signal !== undefined && !isSignal(signal)) throw badOption('signal', 'an AbortSignal')
  const isOver = isPast(expiryOf(ttl))
  const freshSeconds = secondsOf(ttl)
  const staleSeconds = secondsOf(options.staleFor)
  const windowSeconds = staleSeconds + secondsOf(options.refreshBefore)
  const lockSeconds = secondsOf(options.lockTtl ?? LOCK_SECONDS)
  if (freshSeconds === 0 && windowSeconds > 0)
    throw badOption('staleFor, refreshBefore', 'only for items that have a ttl')
  if (lockSeconds === 0) throw badOption('lockTtl', 'from one second')
  return {
    isOver,
    freshSeconds,
    totalSeconds: freshSeconds === 0 ? 0 : freshSeconds + staleSeconds,
    windowSeconds,
    lockSeconds,
    requestOptions: timeout === undefined ? undefined : { timeout },
  }
}

function secondsOf(ttl: Ttl | undefined): number {
  const nowMs = Date.now()
  const expiry = expiryOf(ttl, nowMs)
  if (expiry <= RELATIVE_EXPIRY_MAX_SECONDS) return expiry
  return Math.max(1, expiry - Math.floor(nowMs / 1000))
}

/** A length of time: a Date has none. */
function checkLength(name: string, given: unknown): void {
  if (!['undefined', 'number', 'string'].includes(typeof given))
    throw badOption(name, "seconds, or a text such as '5m'")
}

const WHEN_DOWN: readonly NonNullable<GetOrSetOptions['whenDown']>[] = ['load', 'fail']
const LOCK_SECONDS = 30
export const DEADLINE_MS = 30_000
const NAMES = callOptionNames<GetOrSetOptions>({
  timeout: true,
  signal: true,
  staleFor: true,
  refreshBefore: true,
  lockTtl: true,
  deadline: true,
  whenDown: true,
  onRefreshError: true,
})
