/**
 * When an item was last read, in 14 bits: the age of its segment at that moment, as a small floating-point number of 4
 * bits of exponent and 10 of mantissa. Exact to a second while the segment is younger than 34 minutes, then to a thousandth
 * of its age, up to a year.
 *
 *     13       10 9                    0
 *     ┌──────────┬─────────────────────┐
 *     │ exponent │ mantissa            │     exponent 0: the mantissa; else (1024 + mantissa) << (exponent - 1)
 *     └──────────┴─────────────────────┘
 */
const MANTISSA_BITS = 10
const MANTISSA_STEPS = 1 << MANTISSA_BITS
const SECONDS_MAX = (2 * MANTISSA_STEPS - 1) << 14

export function encodeAge(seconds: number): number {
  if (seconds < MANTISSA_STEPS) return Math.max(0, seconds)
  const bounded = Math.min(seconds, SECONDS_MAX)
  const exponent = 32 - Math.clz32(bounded) - MANTISSA_BITS
  return (exponent << MANTISSA_BITS) | ((bounded >>> (exponent - 1)) - MANTISSA_STEPS)
}

/** The seconds that were encoded, or up to a thousandth less. */
export function decodeAge(access: number): number {
  const exponent = access >>> MANTISSA_BITS
  const mantissa = access & (MANTISSA_STEPS - 1)
  return exponent === 0 ? mantissa : (MANTISSA_STEPS + mantissa) << (exponent - 1)
}
