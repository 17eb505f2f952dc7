// node scripts/bench.mjs [PROGRAM] [options]: set up what is missing, then measure side by side with memcached.
// npm run bench [-- options] is the one without a name, main.
import { ROOT, setUp } from './setup.mjs'

const PROGRAMS = ['main', 'fill', 'misses', 'churn', 'stall', 'workers', 'journal', 'memcaslap', 'kernel']

const isNamed = /^[^-]/.test(process.argv[2] ?? '')
// Taken out, so that a program finds its options where any other does.
const program = isNamed ? process.argv.splice(2, 1)[0] : 'main'
if (!PROGRAMS.includes(program)) {
  console.error(`bench: no program is called ${program}; these are: ${PROGRAMS.join(', ')}`)
  process.exit(1)
}
setUp()
await import(`${ROOT}/dist/scripts/bench/${program}.js`)
