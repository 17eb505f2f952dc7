// node scripts/bench.mjs insight: what an admin listener costs the clients of a cache. See README.md.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { moveToLoadCore } from './support/processes.js'
import { runProgram } from './support/program.js'
import { freePort, HOST } from './support/server.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { compareCosts } from './wire/compare-costs.js'
import { extentOf } from './wire/extent.js'

const HELP = `node scripts/bench.mjs insight [OPTIONS]
CPU time per request without --admin, with it, and with it while it is scraped and the page is open. Latency and hot keys are
observed with it.

  --pairs N           runs of each server, in turn (5)
  --seconds N         length of a run (1)
  --scenario TEXT     only the scenarios whose name contains this
  --earlier "..."     one more server, for example an earlier build without --admin
${SERVER_HELP}`

const SCENARIO_NAMES = ['get, 1 in flight', 'get, 16 in flight', 'set, 1 in flight', 'set, 16 in flight']
const LOOK_ON = fileURLToPath(new URL('./insight/look-on.js', import.meta.url))

await runProgram('insight', HELP, async (given) => {
  const options = {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    scenario: { type: 'string', default: '' },
    earlier: { type: 'string' },
    ...SERVER_OPTIONS,
  } as const
  const { values } = parseArgs({ args: given, options })
  const [{ command }] = serverKinds(values)
  const port = await freePort()
  const kinds: ServerKind[] = [
    { name: 'without --admin', command },
    { name: 'with --admin', command: [...command, '--admin', `${HOST}:0`] },
    {
      name: 'scraped, with the page open',
      command: [...command, '--admin', `${HOST}:${port}`],
      companion: { command: [process.execPath, LOOK_ON, `${port}`], isFollower: false },
    },
  ]
  if (values.earlier !== undefined)
    kinds.push({ name: '--earlier', command: values.earlier.trim().split(/\s+/) })
  moveToLoadCore()
  const names = SCENARIO_NAMES.filter((name) => name.includes(values.scenario))
  await compareCosts(names, kinds, extentOf(values))
})
