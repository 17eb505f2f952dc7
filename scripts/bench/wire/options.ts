import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Extent } from './measure.js'

export interface Options extends Extent {
  /** Part of the names of the scenarios to run. */
  readonly scenario: string
  readonly command: readonly string[]
  readonly memcached: string
  readonly jsonFile: string | undefined
  readonly wantsHelp: boolean
}

export const HELP = `npm run bench [-- OPTIONS]
Server CPU time per request and throughput, keepcached and memcached side by side.

  --scenario TEXT     only scenarios whose name contains this
  --pairs N           runs of each server in a scenario, in turn (5)
  --seconds N         length of a run (1)
  --json FILE         write every run there too
  --memcached PATH    the memcached to compare with (memcached)
  --command "..."     what to start in place of keepcached; it is given memcached's options
  --help
`

const KEEPCACHED = fileURLToPath(new URL('../../../lib/cli/main.js', import.meta.url))

/** Throws a sentence for the user when an option is not as it should be. */
export function parseOptions(given: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...given],
    options: {
      scenario: { type: 'string', default: '' },
      pairs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      json: { type: 'string' },
      memcached: { type: 'string', default: 'memcached' },
      command: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const pairCount = Number(values.pairs)
  const seconds = Number(values.seconds)
  if (!(Number.isInteger(pairCount) && pairCount > 0)) throw new Error('--pairs takes a whole number above 0')
  if (!(seconds > 0)) throw new Error('--seconds takes a number above 0')
  return {
    scenario: values.scenario,
    pairCount,
    seconds,
    jsonFile: values.json,
    memcached: values.memcached,
    command: values.command?.trim().split(/\s+/) ?? [process.execPath, KEEPCACHED],
    wantsHelp: values.help,
  }
}
