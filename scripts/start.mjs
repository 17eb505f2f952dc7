// npm start [-- options]: installs and compiles if necessary, then becomes the server.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/esm/cli/main.js`)
