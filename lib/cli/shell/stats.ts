import { isAddress } from '../../check/client/address.js'
import { Refusal } from '../arguments/refusal.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { withCache } from './cache/open-cache.js'
import { jsonLine } from './json-line.js'

/** A request for statistics must change nothing. */
const CHANGING_GROUPS: ReadonlySet<string> = new Set(['reset', 'detail'])

export const stats: Run = (given, io) => {
  const address = given.operands.find(isAddress)
  const groups = given.operands.filter((word) => !isAddress(word))
  if (groups.length > 1) throw new Refusal(ExitCode.USAGE, `stats: ${groups[1]}: one group at a time`)
  const [group = ''] = groups
  if (CHANGING_GROUPS.has(group)) throw new Refusal(ExitCode.USAGE, `stats: ${group} would change something`)
  return withCache(given, io, address, async (cache) => {
    const statistics = await cache.statistics(group)
    if (statistics === undefined)
      throw new Refusal(ExitCode.NO, `the server has no statistics called ${group}`)
    const lines = statistics.map(([name, value]) => `${name} ${value}\n`).join('')
    await io.write(given.has('json') ? jsonLine(Object.fromEntries(statistics)) : lines)
    return ExitCode.OK
  })
}
