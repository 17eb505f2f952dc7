// npm run simulate -- [--seeds N] [--first S] [--operations N] [--seconds T] [--processes N] [--bail] [--defects]: set up what is
// missing, then simulate servers.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/simulation/main.js`)
