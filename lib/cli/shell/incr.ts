import { EXPIRY_BOUNDS, unsigned64 } from '../arguments/numbers.js'
import { numberIn, type ParsedArguments } from '../arguments/parsed-arguments.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { withCache } from './cache/open-cache.js'
import { jsonLine } from './json-line.js'

export const incr: Run = (given, io) => countUnder('incr', given, io)

/** `incr` and `decr` differ only in the sign of DELTA. */
export function countUnder(name: 'incr' | 'decr', given: ParsedArguments, io: Io): Promise<ExitCode> {
  const [key = '', text = '1'] = given.operands
  const isNegative = text.startsWith('-')
  const amount = unsigned64(name, isNegative ? text.slice(1) : text)
  const delta = isNegative === (name === 'decr') ? amount : -amount
  const initialText = given.text('initial')
  const initial = initialText === undefined ? undefined : unsigned64('--initial', initialText)
  const expiry = numberIn('--expiry', given.text('expiry') ?? '0', EXPIRY_BOUNDS)
  return withCache(given, io, undefined, async (cache) => {
    const number = await cache.count(key, delta, initial, expiry)
    if (given.has('json')) await io.write(jsonLine({ key, found: number !== undefined, number }))
    else if (number !== undefined) await io.write(`${number}\n`)
    return number === undefined ? ExitCode.NO : ExitCode.OK
  })
}
