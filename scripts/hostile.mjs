// npm run hostile -- [--requests N] [--hostile N]: installs and compiles if necessary, then measures ordinary clients
// beside hostile ones.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/hostile/main.js`)
