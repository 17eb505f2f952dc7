// npm run mutate -- FOLDER… [--mutants N] [--seed N] [--threshold PERCENT]: set up what is missing, then see how many small
// defects the specs catch.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/scripts/mutate/main.js`)
