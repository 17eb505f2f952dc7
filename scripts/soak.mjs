// npm run soak -- [--minutes N] [--threads N] [--seed N]: set up what is missing, then hammer at servers of several threads.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/hammer/main.js`)
