// npm run bench [-- options]: set up what is missing, then measure side by side with memcached.
import { ROOT, setUp } from './setup.mjs'

setUp()
await import(`${ROOT}/dist/scripts/bench/main.js`)
