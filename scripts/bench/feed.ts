// node scripts/bench.mjs feed: what recording changes costs the clients of a cache, and a subscriber to all of them. See README.md.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureCrowd } from './feed/crowd.js'
import type { Received } from './feed/subscriber.js'
import { moveToLoadCore } from './support/processes.js'
import { runProgram } from './support/program.js'
import { freePort, HOST } from './support/server.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { compareCosts } from './wire/compare-costs.js'
import { extentOf } from './wire/extent.js'

const HELP = `node scripts/bench.mjs feed [OPTIONS]
CPU time per set without --changes, with it, and with one subscriber over HTTP that reads all changes. Then how long after the
reply to a set its event comes, with 1,000 subscribers of different prefixes and 50,000 changes a second.

  --pairs N           runs of each server, in turn (5)
  --seconds N         length of a run (1)
  --scenario TEXT     only the scenarios whose name contains this
  --changes BYTES     the length of the history (67108864)
${SERVER_HELP}`

const SCENARIO_NAMES = ['set, 1 in flight', 'set, 16 in flight']
const CROWD_NAME = '1,000 subscribers'
const SUBSCRIBER = fileURLToPath(new URL('./feed/subscriber.js', import.meta.url))

await runProgram('feed', HELP, async (given) => {
  const options = {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    scenario: { type: 'string', default: '' },
    changes: { type: 'string', default: '67108864' },
    ...SERVER_OPTIONS,
  } as const
  const { values } = parseArgs({ args: given, options })
  const [{ command }] = serverKinds(values)
  const port = await freePort()
  const recording = [...command, '--changes', values.changes]
  const kinds: ServerKind[] = [
    { name: 'without --changes', command },
    { name: 'nobody subscribed', command: recording },
    { name: 'the same, with --admin', command: [...recording, '--admin', `${HOST}:0`] },
    {
      name: 'one subscriber',
      command: [...recording, '--admin', `${HOST}:${port}`],
      companion: { command: [process.execPath, SUBSCRIBER, `${port}`], isFollower: true },
    },
  ]
  moveToLoadCore()
  const names = SCENARIO_NAMES.filter((name) => name.includes(values.scenario))
  // Without a table of costs that has no rows.
  const told = names.length === 0 ? [] : await compareCosts(names, kinds, extentOf(values))
  for (const said of told) {
    const { changeCount, missedCount } = said.at(-1) as Received
    console.log(`the subscriber received ${changeCount} changes; ${missedCount} were lost to it in gaps`)
  }
  if (!CROWD_NAME.includes(values.scenario)) return
  const crowdPort = await freePort()
  const crowded = { name: 'crowd', command: [...recording, '--admin', `${HOST}:${crowdPort}`] }
  await measureCrowd(crowded, crowdPort, extentOf(values).seconds)
})
