import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { withCache } from './cache/open-cache.js'
import { bytesFields, jsonLine } from './json-line.js'

export const get: Run = (given, io) =>
  withCache(given, io, undefined, async (cache) => {
    let code: ExitCode = ExitCode.OK
    for (const key of given.operands) {
      const item = await cache.get(key)
      if (item === undefined) code = ExitCode.NO
      if (given.has('json')) {
        const fields = item && { ...bytesFields(item.value), flags: item.flags, cas: item.cas }
        await io.write(jsonLine({ key, found: item !== undefined, ...fields }))
      } else if (item !== undefined) await io.write(item.value)
    }
    return code
  })
