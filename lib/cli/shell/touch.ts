import { ExitCode } from '../exit-codes.js'
import { numberIn } from '../parsed-arguments.js'
import type { Run } from '../sub-command.js'
import { jsonLine } from './json-line.js'
import { EXPIRY_BOUNDS } from './numbers.js'
import { withCache } from './open-cache.js'

export const touch: Run = (given, io) => {
  const [key = '', seconds = ''] = given.operands
  const expiry = numberIn('touch', seconds, EXPIRY_BOUNDS)
  return withCache(given, io, undefined, async (cache) => {
    const touched = await cache.touch(key, expiry)
    if (given.has('json')) await io.write(jsonLine({ key, touched }))
    return touched ? ExitCode.OK : ExitCode.NO
  })
}
