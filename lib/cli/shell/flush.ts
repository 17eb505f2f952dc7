import { Refusal } from '../arguments/refusal.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import type { Cache } from './cache/cache.js'
import { withCache } from './cache/open-cache.js'
import { jsonLine } from './json-line.js'

export const flush: Run = (given, io) => {
  const delay = given.number('delay', 0, [0, 2 ** 31 - 1])
  const prefix = given.text('prefix')
  if (prefix !== undefined && delay !== 0)
    throw new Refusal(ExitCode.USAGE, '--delay: a prefix is flushed at once')
  const isOfPrefix = prefix !== undefined
  const use = async (cache: Cache): Promise<ExitCode> => {
    if (isOfPrefix) await cache.flushPrefix(prefix)
    else await cache.flush(delay)
    if (given.has('json'))
      await io.write(jsonLine({ flushed: true, ...(isOfPrefix ? { prefix } : { delay }) }))
    return ExitCode.OK
  }
  // The binary protocol has no such command.
  return withCache(given, io, given.operands[0], use, isOfPrefix)
}
