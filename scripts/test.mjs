// npm test [-- NAME] [mocha options]: installs and compiles if necessary, then runs every spec on the compiled tree,
// or those whose path has the name in it; four files at a time.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, setUp } from './setup.mjs'

/**
 * These come first. They take heap snapshots of their own process, which grows with each file that it runs: at the end a snapshot
 * takes ten times as long.
 */
const EARLY = ['profiling/serve-profiles', 'admin/profiles', 'cli/profile']

/** Then the slowest files, the slowest first: otherwise one of them would run alone at the end. */
const SLOW = [
  ...EARLY,
  'admin/page/views',
  'server/data',
  'server/data-threads',
  'server/worker-faults',
  'gateway/shadow',
  'clients/scripted-clients',
  'behaviour/large',
  'crash/kill',
  'hostile/hostile',
  'testing/runners',
  'package/types',
  'journal/two-servers',
  'server/workers',
  'simulation/simulation',
  'client/servers/other-clients',
  'client/values/foreign-clients',
  'gateway/failures',
  'gateway/delayed-flush',
  'gateway/acknowledgement',
  'gateway/sentinel',
  'admin/page/secrets',
  'admin/page/drop-prefix',
  'server/lines',
  'cli/readme',
  'commands/allocation',
  'check/servers',
  'store/workers',
  'client/get-or-set/get-or-set',
  'client/allocation/allocation',
  'differential/text',
  'testing/life',
  'testing/other-languages',
  'cli/sub-commands',
  'cli/copy/copy',
  'cli/bench/bench',
  'admin/listing',
  'client/chaos/chaos',
  'hammer/hammer',
  'server/refused-places',
  'store/capacity',
  'client/changes/changes',
  'client/changes/copy',
]

setUp()
const given = process.argv.slice(2).filter((argument) => argument !== '--coverage')
const coverage = process.argv.includes('--coverage')
// For a part of the suite the titles are shown.
const shown = given.length > 0 ? ['--reporter-option=list=yes'] : []
// COSTS=FILE: what each file costs, in processor time.
const counted = process.env.COSTS === undefined ? [] : ['--require=dist/spec/support/file-costs.js']
const mocha = [
  // A spec uses an experimental feature of Node for timers. Mocha passes this on to its processes.
  '--disable-warning=ExperimentalWarning',
  'node_modules/mocha/bin/mocha.js',
  '--no-config',
  '--reporter=dist/spec/support/reporter.js',
  '--require=dist/spec/support/bundled-threads.js',
  ...counted,
  // No spec is quick on a busy machine.
  '--timeout=120000',
  '--parallel',
  // Twice as many as small machines have processors: a file waits for disks, threads and timers a third of its time.
  '--jobs=4',
  ...shown,
  ...specsFor(given),
  ...given,
]
const command = coverage
  ? ['node_modules/c8/bin/c8.js', '--include=dist/lib/**', process.execPath, ...mocha]
  : mocha
// Node reads these certificates at each start, in 70 ms of processor time. No spec needs them, and there are thousands of starts.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
// The coverage of servers is that of the compiled tree.
if (coverage) env.UNBUNDLED = '1'
const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit', env })
process.exit(status ?? 1)

/** Removes a name from the front of the words, and returns the files that have it in their path; all without a name. */
function specsFor(words) {
  const name = words.length === 0 || words[0].startsWith('-') ? '' : words.shift()
  const files = readdirSync(join(ROOT, 'dist', 'spec'), { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.spec.js') && path.includes(name))
    .sort((one, other) => placeOf(one) - placeOf(other) || (one < other ? -1 : 1))
  if (files.length > 0) return files.map((path) => `dist/spec/${path}`)
  console.error(`keepcached: no spec has ${name} in its path`)
  process.exit(1)
}

/** Mocha starts files in this order. */
function placeOf(path) {
  const place = SLOW.indexOf(path.slice(0, -'.spec.js'.length))
  return place < 0 ? SLOW.length : place
}
