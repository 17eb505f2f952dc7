// npm run simulate -- [--seeds N] [--first S] [--operations N] [--seconds T] [--processes N] [--bail] [--defects]:
// installs and compiles if necessary, then simulates servers.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/simulation/main.js`)
