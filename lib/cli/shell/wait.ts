import { endpointOf, TIMEOUT_MS } from '../arguments/endpoint.js'
import { unsigned64 } from '../arguments/numbers.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { openFollower } from './cache/open-client.js'
import type { RawValue } from './cache/raw-format.js'
import { toolErrorOf } from './cache/tool-error.js'
import { bytesFields, jsonLine } from './json-line.js'

export const wait: Run = async (given, io) => {
  const [key = ''] = given.operands
  const after = unsigned64('--after', given.text('after') ?? '0')
  const timeout = 1000 * given.number('timeout', WAIT_SECONDS, [1, WAIT_SECONDS_MAX])
  const endpoint = endpointOf(given, io.environment, undefined, TIMEOUT_MS)
  const client = openFollower(endpoint)
  try {
    const item = await client.waitFor<RawValue>(key, { after, timeout })
    const outcome = typeof item === 'object' ? 'changed' : (item ?? 'time up')
    if (given.has('json')) {
      const fields = typeof item === 'object' && {
        ...bytesFields(item.value.bytes),
        flags: item.value.flags,
        cas: item.cas,
      }
      await io.write(jsonLine({ key, outcome, ...fields }))
    } else if (typeof item === 'object') await io.write(item.value.bytes)
    return EXITS[outcome]
  } catch (error) {
    throw toolErrorOf(error, endpoint, 'text')
  } finally {
    await client.close()
  }
}

const EXITS = { changed: ExitCode.OK, missing: ExitCode.NO, 'time up': ExitCode.TIME_UP } as const
const WAIT_SECONDS = 30
const WAIT_SECONDS_MAX = 3600
