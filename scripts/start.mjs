// npm start [-- options]: set up what is missing, then become the server.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/lib/cli/main.js`)
