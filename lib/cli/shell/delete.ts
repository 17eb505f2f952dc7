import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { withCache } from './cache/open-cache.js'
import { jsonLine } from './json-line.js'

export const remove: Run = (given, io) =>
  withCache(given, io, undefined, async (cache) => {
    let code: ExitCode = ExitCode.OK
    for (const key of given.operands) {
      const deleted = await cache.remove(key)
      if (!deleted) code = ExitCode.NO
      if (given.has('json')) await io.write(jsonLine({ key, deleted }))
    }
    return code
  })
