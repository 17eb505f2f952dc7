// npm run fuzz -- [--frames N] [--seed N]: installs and compiles if necessary, then fuzzes the path of a request in
// this process.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/fuzz/main.js`)
