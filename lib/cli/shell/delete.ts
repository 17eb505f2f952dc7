import { ExitCode } from '../exit-codes.js'
import type { Run } from '../sub-command.js'
import { jsonLine } from './json-line.js'
import { withCache } from './open-cache.js'

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
