// npm run fuzz -- [--frames N] [--seed N]: set up what is missing, then fuzz the path of a request, in all three protocols, in this process.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/fuzz/main.js`)
