// npm run chaos -- [--calls N] [--seed N]: set up what is missing, then make calls of the client through proxies that do all that
// is bad.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/client/chaos/main.js`)
