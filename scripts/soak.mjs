// npm run soak -- [--minutes N] [--threads N] [--seed N] | --requests N: installs and compiles if necessary, then loads
// servers of several threads, or one by memcaslap.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/hammer/main.js`)
