import { EXPIRY_BOUNDS } from '../arguments/numbers.js'
import { numberIn } from '../arguments/parsed-arguments.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { withCache } from './cache/open-cache.js'
import { jsonLine } from './json-line.js'

export const touch: Run = (given, io) => {
  const [key = '', seconds = ''] = given.operands
  const expiry = numberIn('touch', seconds, EXPIRY_BOUNDS)
  return withCache(given, io, undefined, async (cache) => {
    const touched = await cache.touch(key, expiry)
    if (given.has('json')) await io.write(jsonLine({ key, touched }))
    return touched ? ExitCode.OK : ExitCode.NO
  })
}
