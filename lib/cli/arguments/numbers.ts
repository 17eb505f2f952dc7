import { ExitCode } from '../exit-codes.js'
import { Refusal } from './refusal.js'

/** Expiries are signed numbers of 32 bits on the wire. */
export const EXPIRY_BOUNDS = [-(2 ** 31), 2 ** 31 - 1] as const

const MAX = 2n ** 64n - 1n

/** A number of 64 bits, as counters and cas are. */
export function unsigned64(what: string, text: string): bigint {
  if (/^\d+$/.test(text) && BigInt(text) <= MAX) return BigInt(text)
  throw new Refusal(ExitCode.USAGE, `${what}: ${text} is not a number from 0 to ${MAX}`)
}
