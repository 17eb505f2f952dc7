// npm run mutate -- FOLDER… [--mutants N] [--seed N] [--threshold PERCENT]: installs and compiles if necessary, then
// counts how many small defects the specs catch.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/scripts/mutate/main.js`)
