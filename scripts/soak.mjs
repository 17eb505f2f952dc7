// npm run soak -- [--minutes N] [--threads N] [--seed N]: installs and compiles if necessary, then loads servers of
// several threads.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/hammer/main.js`)
