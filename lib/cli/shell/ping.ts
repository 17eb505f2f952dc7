import { ClientError } from '../../check/client/client-error.js'
import { Refusal } from '../arguments/refusal.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { withCache } from './cache/open-cache.js'
import { jsonLine } from './json-line.js'

/** The exit code is the same for all reasons why a server does not answer. */
export const ping: Run = async (given, io) => {
  try {
    const version = await withCache(given, io, given.operands[0], (cache) => cache.version())
    await io.write(given.has('json') ? jsonLine({ version }) : `${version}\n`)
    return ExitCode.OK
  } catch (error) {
    if (!(error instanceof ClientError) || error.code === 'BAD_ADDRESS') throw error
    throw new Refusal(ExitCode.NO, error.message)
  }
}
