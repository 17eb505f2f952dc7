// npm test [-- NAME] [mocha options]: set up what is missing, then run every spec on the compiled tree, or those whose path has
// the name in it; two files at a time.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, setUp } from './setup.mjs'

setUp()
const given = process.argv.slice(2).filter((argument) => argument !== '--coverage')
const coverage = process.argv.includes('--coverage')
// Of a part the titles are of interest.
const shown = given.length > 0 ? ['--reporter-option=list=yes'] : []
const mocha = [
  'node_modules/mocha/bin/mocha.js',
  '--parallel',
  '--jobs=2',
  ...shown,
  ...specsFor(given),
  ...given,
]
const command = coverage
  ? ['node_modules/c8/bin/c8.js', '--include=dist/lib/**', process.execPath, ...mocha]
  : mocha
const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' })
process.exit(status ?? 1)

/** Takes a name off the front of the words. Mocha would add files that are named to those of its configuration. */
function specsFor(words) {
  if (words.length === 0 || words[0].startsWith('-')) return []
  const name = words.shift()
  const files = readdirSync(join(ROOT, 'dist', 'spec'), { recursive: true })
    .map((path) => join('dist', 'spec', path))
    .filter((path) => path.endsWith('.spec.js') && path.slice('dist/spec/'.length).includes(name))
  if (files.length === 0) {
    console.error(`keepcached: no spec has ${name} in its path`)
    process.exit(1)
  }
  return ['--no-config', '--reporter=dist/spec/support/reporter.js', '--timeout=10000', ...files]
}
