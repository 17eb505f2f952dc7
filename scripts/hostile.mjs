// npm run hostile -- [--requests N] [--hostile N]: set up what is missing, then measure what hostile clients do to ordinary ones.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/spec/hostile/main.js`)
