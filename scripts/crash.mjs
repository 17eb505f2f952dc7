// npm run crash -- [--rounds N] [--fsync LIST] [--threads LIST] [--seed N]: set up what is missing, then kill servers under
// load and look at what they had kept.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/crash/main.js`)
