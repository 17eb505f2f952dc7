import { parseArgs } from 'node:util'
import { positive } from '../support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from '../support/server-kinds.js'
import { type Extent, extentOf } from './extent.js'

export interface Options extends Extent {
  /** Part of the names of the scenarios to run. */
  readonly scenario: string
  readonly kinds: readonly [ServerKind, ...ServerKind[]]
  /** Requests a second, where latencies are measured. */
  readonly rate: number
  readonly jsonFile: string | undefined
}

export const HELP = `npm run bench [-- OPTIONS]
Server CPU time per request and throughput, keepcached and memcached side by side.

  --scenario TEXT     only scenarios whose name contains this
  --pairs N           runs of each server in a scenario, in turn (5)
  --seconds N         length of a run (1)
  --rate N            requests a second, where latencies are measured (20000)
  --json FILE         write every run there too
${SERVER_HELP}`

/** Throws a sentence for the user if an option is invalid. */
export function parseOptions(given: string[]): Options {
  const { values } = parseArgs({
    args: given,
    options: {
      scenario: { type: 'string', default: '' },
      pairs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      rate: { type: 'string', default: '20000' },
      json: { type: 'string' },
      ...SERVER_OPTIONS,
    },
  })
  return {
    ...extentOf(values),
    scenario: values.scenario,
    kinds: serverKinds(values),
    rate: positive('--rate', values.rate),
    jsonFile: values.json,
  }
}
