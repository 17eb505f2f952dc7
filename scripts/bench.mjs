// node scripts/bench.mjs [PROGRAM] [options]: installs and compiles if necessary, then measures side by side with memcached.
// npm run bench [-- options] runs the program main.
import { ROOT, setUp } from './setup.mjs'

const PROGRAMS = [
  'main',
  'fill',
  'lean',
  'large',
  'misses',
  'churn',
  'stall',
  'prefix',
  'workers',
  'journal',
  'insight',
  'feed',
  'gateway',
  'memcaslap',
  'kernel',
  'selectors',
  'client',
  'testing',
]

const isNamed = /^[^-]/.test(process.argv[2] ?? '')
// Removed, so that a program finds its options at the usual place.
const program = isNamed ? process.argv.splice(2, 1)[0] : 'main'
if (!PROGRAMS.includes(program)) {
  console.error(`bench: no program is called ${program}; these are: ${PROGRAMS.join(', ')}`)
  process.exit(1)
}
setUp()
await import(`${ROOT}/dist/scripts/bench/${program}.js`)
