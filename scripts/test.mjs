// npm test [-- mocha options]: set up what is missing, then run every spec on the compiled tree, two files at a time.
import { spawnSync } from 'node:child_process'
import { ROOT, setUp } from './setup.mjs'

setUp()
const given = process.argv.slice(2)
const coverage = given.includes('--coverage')
const mocha = [
  'node_modules/mocha/bin/mocha.js',
  '--parallel',
  '--jobs=2',
  ...given.filter((argument) => argument !== '--coverage'),
]
const command = coverage
  ? ['node_modules/c8/bin/c8.js', '--include=dist/lib/**', process.execPath, ...mocha]
  : mocha
const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' })
process.exit(status ?? 1)
