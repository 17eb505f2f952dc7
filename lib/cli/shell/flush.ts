import { ExitCode } from '../exit-codes.js'
import { Refusal } from '../refusal.js'
import type { Run } from '../sub-command.js'
import type { Cache } from './cache.js'
import { jsonLine } from './json-line.js'
import { withCache } from './open-cache.js'

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
