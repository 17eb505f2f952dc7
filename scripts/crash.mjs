// npm run crash -- [--rounds N] [--fsync LIST] [--threads LIST] [--seed N]: installs and compiles if necessary, then
// kills servers under load and checks what they kept.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/crash/main.js`)
