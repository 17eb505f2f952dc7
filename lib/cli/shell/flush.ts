import { ExitCode } from '../exit-codes.js'
import type { Run } from '../sub-command.js'
import { jsonLine } from './json-line.js'
import { withCache } from './open-cache.js'

export const flush: Run = (given, io) => {
  const delay = given.number('delay', 0, [0, 2 ** 31 - 1])
  return withCache(given, io, given.operands[0], async (cache) => {
    await cache.flush(delay)
    if (given.has('json')) await io.write(jsonLine({ flushed: true, delay }))
    return ExitCode.OK
  })
}
